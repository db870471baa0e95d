// A server that answers as an engine would in moments that a real one reaches rarely: a full disk, a death within an answer.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { connectEngine } from '../../../activities/adapters/docker/engine.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface ScriptedDaemon {
  readonly engine: ContainerEngine;
  /** `METHOD path`, without query and version, of each question. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Answers by the first key that the question `METHOD path` begins with; 404 else. */
export async function startScriptedDaemon(answers: Readonly<Record<string, Answer>>): Promise<ScriptedDaemon> {
  const folder = makeTempFolder('scripted');
  const path = join(folder.path, 'docker.sock');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const question = `${request.method} ${request.url?.split('?')[0]}`;
    asked.push(question);
    const key = Object.keys({ ...answers, ...INFO }).find((beginning) => question.startsWith(beginning));
    const answer = key === undefined ? says(404, 'no such thing') : { ...INFO, ...answers }[key];
    answer?.(request, response);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const address = { name: 'scripted', way: { kind: 'socket', path }, reach: { kind: 'bridge' } } as const;
  const engine = await connectEngine(address, { kind: 'none' });
  const close = async () => {
    engine.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    folder.remove();
  };
  return { engine, asked, close };
}

/** An answer with the engine's words. */
export const says =
  (status: number, message: string): Answer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));

/** One that began with 200 and has a line for each value. */
export const streams =
  (...lines: readonly object[]): Answer =>
  (_request, response) =>
    void response.writeHead(200).end(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

const INFO: Readonly<Record<string, Answer>> = {
  'GET /info': (_request, response) => void response.end(JSON.stringify({ LoggingDriver: 'journald' })),
};
