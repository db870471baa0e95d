// One `sluice up` for a data directory. The lock is a name in the kernel, so no kill can leave it behind.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { sluiceError } from '#domain/errors/failure.ts';
import { liveRecord } from '../../client/engine/stack/run-records.ts';

export interface DataDirectoryLock {
  release(): void;
}

/** Takes the directory for this process. Throws STACK_ALREADY_RUNNING, naming the holder. */
export async function lockDataDirectory(dataDirectory: string): Promise<DataDirectoryLock> {
  const holder = liveRecord(dataDirectory, 'up');
  if (holder) throw sluiceError('STACK_ALREADY_RUNNING', { pid: holder.pid, directory: dataDirectory });
  // Only Linux has such names; elsewhere the record above is all there is.
  if (process.platform !== 'linux') return { release: () => undefined };
  const name = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 32);
  const server = createServer();
  try {
    await listen(server, `\0sluice-up-${name}`);
  } catch {
    throw sluiceError('STACK_ALREADY_RUNNING', {
      pid: liveRecord(dataDirectory, 'up')?.pid ?? 0,
      directory: dataDirectory,
    });
  }
  return { release: () => void server.close() };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}
