import { hash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { sluiceError } from '#domain/errors/failure.ts';

const WAIT_MS = 15_000;
const PAUSE_MS = 5;

/** Who waits in this process for which folder: the last of each row. */
const rows = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while no other call, of this process or another on this machine, runs for the same folder. The lock is a name
 * in the kernel (a socket without a file), so a process that dies holds nothing. Throws ROUTER_LOCKED after `waitMs`.
 */
export async function withFolderLock<T>(folder: string, work: () => Promise<T>, waitMs = WAIT_MS): Promise<T> {
  const name = `\0sluice-router-${hash('sha256', realpathSync(folder)).slice(0, 32)}`;
  const before = rows.get(name) ?? Promise.resolve();
  const turn = before.then(async () => {
    const lock = await take(name, { folder, waitMs });
    try {
      return await work();
    } finally {
      await new Promise((resolve) => lock.close(resolve));
    }
  });
  const settled = turn.catch(() => undefined);
  rows.set(name, settled);
  try {
    return await turn;
  } finally {
    if (rows.get(name) === settled) rows.delete(name);
  }
}

async function take(name: string, { folder, waitMs }: { folder: string; waitMs: number }): Promise<Server> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    const lock = await tryTake(name);
    if (lock) return lock;
    if (Date.now() > deadline) throw sluiceError('ROUTER_LOCKED', { folder, waitedMs: waitMs });
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function tryTake(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(name, () => resolve(server));
  });
}
