import { createServer } from 'node:net';

/** `foreign`: `host` is no address of this machine. */
export type PortState = 'free' | 'taken' | 'foreign';

/** Whether a part could listen on `port` of `host`: taken when somebody else does, there or on every address. */
export function lookAtPort(port: number, host: string): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'EADDRNOTAVAIL' ? 'foreign' : 'taken'));
    server.listen(port, host, () => server.close(() => resolve('free')));
  });
}
