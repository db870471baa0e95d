import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { MovedSecret } from '#domain/environments/secrets.ts';

/** Writes each secret to its file below `dataDirectory`, readable by this user only; one that is there already is left alone. */
export async function writeSecrets(dataDirectory: string, secrets: readonly MovedSecret[]): Promise<void> {
  for (const { file, value } of secrets) await writeSecret(join(dataDirectory, file), value);
}

async function writeSecret(path: string, value: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const present = await readFile(path, 'utf8').catch(() => null);
  if (present === value) return chmod(path, 0o600);
  // Renamed into place: a check that reads it meanwhile gets the old secret or the new one, never half of it.
  const next = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(next, value, { mode: 0o600, flag: 'wx' });
  await rename(next, path);
}
