import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A member's program: answers with its name; `/stream` begins an answer and ends it when it is told to. */
export interface TestBackend {
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number };
  /** Requests other than health checks, in order of arrival. */
  readonly seen: readonly { readonly url: string; readonly headers: IncomingHttpHeaders }[];
  setHealthy(isHealthy: boolean): void;
  /** Added to every answer. */
  setHeader(name: string, value: string): void;
  /** Every answer from now on waits so long. */
  setDelayMs(delayMs: number): void;
  /** Writes the rest of all streams. */
  finishStreams(): void;
  /** Ends it at once, with what runs. */
  close(): Promise<void>;
}

/** Starts one on a free port of 127.0.0.1. */
export async function startBackend(name: string): Promise<TestBackend> {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = [];
  const streams = new Set<ServerResponse>();
  const extra: [string, string][] = [];
  let [isHealthy, delayMs] = [true, 0];
  const server = await listening((request, response) => {
    const url = request.url ?? '';
    if (url === '/health') return response.writeHead(isHealthy ? 200 : 503).end();
    seen.push({ url, headers: request.headers });
    request.resume();
    for (const [header, value] of extra) response.setHeader(header, value);
    if (url === '/stream') {
      response.write('begin ');
      return streams.add(response);
    }
    return delayMs === 0 ? response.end(name) : setTimeout(() => response.end(name), delayMs);
  });
  return {
    name,
    address: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    seen,
    setHealthy: (value) => {
      isHealthy = value;
    },
    setHeader: (header, value) => extra.push([header, value]),
    setDelayMs: (value) => {
      delayMs = value;
    },
    finishStreams: () => {
      for (const stream of streams) stream.end('end');
      streams.clear();
    },
    close: () => closeAtOnce(server),
  };
}

async function listening(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  // As applications in front of which a proxy keeps its connections should.
  server.keepAliveTimeout = 65_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function closeAtOnce(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
