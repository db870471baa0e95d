// Requests that last for seconds: they meet every switch in the middle.
import { setTimeout as pause } from 'node:timers/promises';
import WebSocket from 'ws';
import { Connection } from './connection.ts';
import type { LaneRun } from './paced-lanes.ts';
import type { Outcome } from './tally.ts';

const ECHO_EVERY_MS = 250;
const CONNECT_TIMEOUT_MS = 30_000;
/** A server that refuses at once is not asked thousands of times a second. */
const AFTER_FAILURE_MS = 100;
const NORMAL_CLOSE = 1000;

/** Runs the streams and the WebSockets, each lane one after the other, until the run stops and the last has ended. */
export async function runLongLanes(run: LaneRun): Promise<void> {
  const { streams, webSockets } = run.options;
  await Promise.all([repeat(run, streams, streamOnce), repeat(run, webSockets, webSocketOnce)]);
}

/** Evenly apart: a drain lasts as long as the youngest request, and is the same luck for everybody only when one is always young. */
async function repeat(run: LaneRun, lanes: number, once: (run: LaneRun) => Promise<Outcome>): Promise<void> {
  const lane = async (_: unknown, place: number) => {
    await pause((run.options.longSeconds * 1000 * place) / lanes);
    while (!run.isStopped()) {
      const outcome = await once(run);
      run.record(outcome);
      if (outcome.failure !== null) await pause(AFTER_FAILURE_MS);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function streamOnce({ options: { host, port, longSeconds } }: LaneRun): Promise<Outcome> {
  const connection = new Connection(host, port);
  const startedAt = performance.now();
  const exchange = await connection.get(`/stream?seconds=${longSeconds}`, false);
  connection.close();
  const about = { kind: 'stream', wasRace: false } as const;
  if (exchange.kind !== 'answered') {
    const latencyMs = performance.now() - startedAt;
    return { ...about, latencyMs, version: null, failure: `${exchange.kind}: ${exchange.reason}` };
  }
  const { answer, firstByteMs: latencyMs } = exchange;
  const isWhole = answer.status === 200 && answer.body.endsWith('end\n');
  const failure = isWhole ? null : `status ${answer.status}, ${answer.body.length} bytes`;
  return { ...about, latencyMs, version: answer.version, failure };
}

/** Fine when every message came back and the end is the client's own. */
function webSocketOnce({ options: { host, port, longSeconds } }: LaneRun): Promise<Outcome> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const socket = new WebSocket(`ws://${host}:${port}/ws`, { handshakeTimeout: CONNECT_TIMEOUT_MS });
    let [latencyMs, version, sent, heard] = [0, null as string | null, 0, 0];
    let problem: string | null = null;
    let timer: NodeJS.Timeout | undefined;
    socket.on('upgrade', ({ headers }) => {
      latencyMs = performance.now() - startedAt;
      version = String(headers['x-version'] ?? 'proxy');
    });
    socket.on('open', () => {
      timer = setInterval(() => {
        if (sent * ECHO_EVERY_MS >= longSeconds * 1000) socket.close(NORMAL_CLOSE);
        else socket.send(String((sent += 1)));
      }, ECHO_EVERY_MS);
    });
    socket.on('message', (data: Buffer) => {
      heard += 1;
      if (data.toString() !== String(heard)) problem = 'another message came back';
    });
    socket.on('error', (error) => {
      problem ??= error.message;
    });
    socket.on('close', (code) => {
      clearInterval(timer);
      const isOwnEnd = code === NORMAL_CLOSE && heard === sent;
      const failure = problem ?? (isOwnEnd ? null : `closed with ${code}, ${heard} of ${sent} echoes`);
      resolve({ kind: 'webSocket', latencyMs, version, wasRace: false, failure });
    });
  });
}
