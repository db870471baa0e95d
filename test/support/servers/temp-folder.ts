import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
  remove(): void;
}

/** A new empty folder; servers that run as another user can enter it. Removed by `remove()`, at the latest when the process ends. */
export function makeTempFolder(name = 'test'): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `sluice-${name}-`));
  chmodSync(path, 0o711);
  const remove = () => {
    process.removeListener('exit', remove);
    rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  };
  process.on('exit', remove);
  return { path, remove };
}
