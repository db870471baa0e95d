// A data directory and a database belong together: keys and bytes lie in the one, what they mean in the other.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import { claimDatabase, readInstallation, type Installation } from '../../activities/adapters/postgres/installation.ts';
import type { Pool } from '../../activities/adapters/postgres/pool.ts';
import { createFileOnce } from '../../activities/adapters/signing/create-file-once.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import { openDataDirectory } from './data-directory.ts';
import type { Settings } from './settings.ts';

const ID_FILE = 'installation-id';

type Place = Pick<Settings, 'dataDirectory' | 'databaseUrl' | 'replaced'>;

/**
 * Throws DATA_DIR_FOREIGN when the database is known to belong to another data directory. One that a variable names may
 * be read from anywhere; who finds one on the port of the embedded one has to be at home there.
 */
export async function refuseForeign(place: Place, pool: Pool): Promise<void> {
  const own = idOf(place.dataDirectory);
  if (own === null && place.replaced.has('database')) return;
  const owner = await readInstallation(pool);
  if (owner !== null && owner.id !== own) throw foreign(place, own, owner);
}

/**
 * The data directory, opened, after it and the database were found to bear one id; both get it when neither has one.
 * Throws DATA_DIR_FOREIGN when they do not belong together, DATA_DIR_UNUSABLE.
 */
export async function claimInstallation(place: Place, pool: Pool): Promise<string> {
  const dataDirectory = openDataDirectory(place.dataDirectory);
  const known = await readInstallation(pool);
  const own = idOf(dataDirectory);
  if (known !== null && known.id !== own) throw foreign(place, own, known);
  // Into the folder first: a kill in between leaves a folder that claims the database the next time.
  const id = own ?? makeId(dataDirectory);
  const owner = await claimDatabase(pool, { id, dataDirectory, host: hostname() });
  if (owner.id !== id) throw foreign(place, id, owner);
  return dataDirectory;
}

function makeId(dataDirectory: string): string {
  createFileOnce(join(dataDirectory, ID_FILE), `ins_${ulid()}\n`, 0o644);
  return idOf(dataDirectory) ?? '';
}

function idOf(dataDirectory: string): string | null {
  try {
    return readFileSync(join(dataDirectory, ID_FILE), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function foreign({ dataDirectory, databaseUrl }: Place, own: string | null, owner: Installation): SluiceError {
  const where = owner.host === hostname() ? '' : ` on ${owner.host}`;
  const found = `the database is that of ${owner.dataDirectory}${where} (${owner.id}); ${dataDirectory} is ${own ?? 'not known to it'}`;
  const data = { directory: dataDirectory, database: new URL(databaseUrl).host, owner: owner.dataDirectory };
  return sluiceError('DATA_DIR_FOREIGN', data, { where: '--data-dir', found });
}
