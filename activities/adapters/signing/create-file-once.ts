import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Writes a new file whole and on disk; an existing one is left as it is. Of several processes at once the first wins,
 * and no reader ever sees a part of it. A new folder is closed to others.
 */
export function createFileOnce(file: string, content: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const unfinished = join(dirname(file), `.${randomBytes(8).toString('hex')}.tmp`);
  const handle = openSync(unfinished, 'wx', mode);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
    linkSync(unfinished, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    closeSync(handle);
    unlinkSync(unfinished);
  }
}
