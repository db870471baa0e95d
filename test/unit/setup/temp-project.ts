import { chmodSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SOURCES = join(import.meta.dirname, '../../../workers/setup');

/** A folder with this project's set-up in it and nothing installed. */
export function tempProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'sluice-setup-'));
  cpSync(SOURCES, join(root, 'workers/setup'), { recursive: true });
  writeFiles(root, {
    'package.json': JSON.stringify({ dependencies: { left: '1.0.0' } }),
    'package-lock.json': JSON.stringify({
      packages: {
        '': { dependencies: { left: '1.0.0' } },
        'node_modules/left': { version: '1.0.0' },
        'node_modules/only-on-mac': { version: '3.0.0', optional: true },
      },
    }),
  });
  return root;
}

export function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Folder with an `npm` that runs `script` in sh; to be the whole PATH of a set-up. */
export function fakeNpm(root: string, script: string): string {
  const path = 'fake-bin/npm';
  writeFiles(root, { [path]: `#!/bin/sh\n${script}\n` });
  chmodSync(join(root, path), 0o755);
  return join(root, dirname(path));
}
