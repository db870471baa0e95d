import { mkdirSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';

/**
 * The data directory as everything agrees on it, made when it is not there: absolute, without symbolic links.
 * Throws DATA_DIR_UNUSABLE when nothing can be kept there.
 */
export function openDataDirectory(directory: string): string {
  try {
    makeFolder(directory);
    const folder = realpathSync(directory);
    expectWritable(folder);
    return folder;
  } catch (cause) {
    throw sluiceError('DATA_DIR_UNUSABLE', { directory, why: reasonFor(cause) }, { where: '--data-dir', cause });
  }
}

/** Step by step: Node's own `recursive` never comes back where the system refuses without a reason, as below /proc. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o755 });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST' && statSync(folder).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(folder) === folder) throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder, { mode: 0o755 });
  }
}

/** By trying: permissions, mounts and quotas all have their say. */
function expectWritable(folder: string): void {
  const probe = join(folder, `.writable-${process.pid}`);
  writeFileSync(probe, '');
  rmSync(probe, { force: true });
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'a file of that name is there',
  ENOTDIR: 'a part of its path is a file',
  ENOENT: 'no folder can be made there',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it lies on a file system that is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's share of the disk is full",
};

function reasonFor(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return REASONS[codeOf(error)] ?? message;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
