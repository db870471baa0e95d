import { createServer, request } from 'node:http';
import { once } from 'node:events';

/** An engine's socket that does what it is asked for and keeps the answers to creations to itself. */
export interface MuteDaemon {
  readonly socketPath: string;
  /** Resolves when the engine behind has answered a creation. */
  readonly created: Promise<void>;
  close(): void;
}

/** Listens at `socketPath` in front of the engine at `enginePath`. */
export async function startMuteDaemon(socketPath: string, enginePath: string): Promise<MuteDaemon> {
  const created = Promise.withResolvers<void>();
  const server = createServer((asked, told) => {
    const { url = '/', method, headers } = asked;
    const behind = request({ socketPath: enginePath, path: url, method, headers }, (answer) => {
      if (url.includes('/containers/create')) {
        answer.resume();
        created.resolve();
        return;
      }
      told.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(told);
    });
    behind.on('error', () => told.destroy());
    asked.pipe(behind);
  });
  server.listen(socketPath);
  await once(server, 'listening');
  return {
    socketPath,
    created: created.promise,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
