import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';
import type { SecretRef } from '#domain/plan/health-check.ts';
import { Secret } from './secret.ts';

const REFERENCE = /^(env|file):(.+)$/s;

/** Where references point to: the environment of this process, files relative to the data directory. */
export interface SecretSource {
  readonly dataDirectory: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** The secret behind `env:NAME` or `file:PATH`; a line break at a file's end is not part of it. Throws SECRET_UNRESOLVED. */
export async function resolveSecret({ secretRef }: SecretRef, source: SecretSource): Promise<Secret> {
  const [, kind, place = ''] = REFERENCE.exec(secretRef) ?? [];
  if (kind === 'env') {
    const value = (source.env ?? process.env)[place];
    if (value !== undefined && value !== '') return new Secret(value);
  }
  if (kind === 'file') {
    const text = await readFile(resolve(source.dataDirectory, place), 'utf8').catch(() => null);
    if (text !== null) return new Secret(text.replace(/\r?\n$/, ''));
  }
  throw sluiceError('SECRET_UNRESOLVED', { ref: secretRef });
}
