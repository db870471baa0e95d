import { connect, type Socket } from 'node:net';
import { Pool } from 'undici';

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly setCookie: readonly string[];
  readonly durationMs: number;
}

const CONNECTIONS = 16;

interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

/** One request on a connection of its own. */
export async function get(port: number, asked: Asked = {}): Promise<Answer> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1 });
  try {
    return await getFrom(pool, asked);
  } finally {
    await pool.close();
  }
}

/** The answers to a request with each of `headers`, over 16 connections that are kept alive. */
export async function getAll(port: number, headers: readonly Record<string, string>[]): Promise<Answer[]> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: CONNECTIONS });
  const answers: Answer[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < headers.length; index = next++) {
      answers[index] = await getFrom(pool, { headers: headers[index] ?? {} });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  await pool.close();
  return answers;
}

async function getFrom(pool: Pool, { method = 'GET', path = '/', headers = {} }: Asked): Promise<Answer> {
  const begun = performance.now();
  const { statusCode, body, headers: answered } = await pool.request({ method, path, headers });
  const text = await body.text();
  const setCookie = [answered['set-cookie'] ?? []].flat();
  return { status: statusCode, text, setCookie, durationMs: performance.now() - begun };
}

export interface Load {
  /** Answers 200 so far. */
  readonly answered: () => number;
  /** Ends it: how many were answered, and what failed. */
  stop(): Promise<{ answered: number; failures: string[]; byText: Record<string, number> }>;
}

/** Requests one after the other on 8 connections; kept alive, or a new one for each. Nothing is tried twice. */
export function startLoad(port: number, connections: 'kept' | 'each-new'): Load {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 8 });
  const failures: string[] = [];
  const byText: Record<string, number> = {};
  let [isRunning, answered] = [true, 0];
  const work = async () => {
    while (isRunning) {
      try {
        const { status, text } = await (connections === 'kept' ? getFrom(pool, {}) : get(port));
        if (status !== 200) failures.push(`${status} ${text}`);
        answered += 1;
        byText[text] = (byText[text] ?? 0) + 1;
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
  };
  const workers = Array.from({ length: 8 }, work);
  return {
    answered: () => answered,
    stop: async () => {
      isRunning = false;
      await Promise.all(workers);
      await pool.close();
      return { answered, failures, byText };
    },
  };
}

export interface Stream {
  /** Resolves when the first bytes of the answer are there. */
  readonly begun: Promise<void>;
  /** All that came, when the connection has ended. */
  readonly ended: Promise<string>;
  close(): void;
}

/** A request for `/stream` that stays open. */
export function openStream(port: number): Stream {
  const socket: Socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8');
  socket.write('GET /stream HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
  const begun = new Promise<void>((resolve) => {
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('begin')) resolve();
    });
  });
  const ended = new Promise<string>((resolve) => {
    socket.once('close', () => resolve(text));
    socket.on('error', () => undefined);
  });
  return { begun, ended, close: () => socket.destroy() };
}
