import { createServer } from 'node:http';

export interface FakeEngine {
  /** As DOCKER_HOST takes it. */
  readonly host: string;
  /** What was asked: `GET /info`. */
  readonly asked: readonly string[];
  close(): void;
}

export interface FakeEngineOptions {
  readonly liveRestore?: boolean;
  /** What it says instead of an engine's words. */
  readonly answer?: string;
}

/** Says of itself what a Docker Engine says, on a socket or on a free port of 127.0.0.1; nothing else. */
export function fakeEngine(socket: string | null, options: FakeEngineOptions = {}): Promise<FakeEngine> {
  const { liveRestore = true } = options;
  const { answer = JSON.stringify({ ServerVersion: '20.10.24', LiveRestoreEnabled: liveRestore, ID: 'x' }) } = options;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.end(answer);
  });
  return new Promise((resolve) => {
    const listening = () => {
      const address = server.address();
      const host = typeof address === 'object' ? `tcp://127.0.0.1:${address?.port}` : `unix://${address}`;
      resolve({ host, asked, close: () => void server.close() });
    };
    if (socket === null) server.listen(0, '127.0.0.1', listening);
    else server.listen(socket, listening);
  });
}
