import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { sluiceError, SluiceError } from '#domain/errors/failure.ts';

const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));
const SCHEMA = 'sluice';
const TABLE = 'migrations';

export interface MigrationReport {
  /** Names of the migrations that this call ran, in order. */
  readonly applied: readonly string[];
  /** The migration that the database now stands at. */
  readonly at: string;
}

/**
 * Brings the database to this version's schema, in one transaction and under an advisory lock: callers at the same time wait for each other.
 * Throws DATABASE_NEWER when a newer Sluice has migrated it, DATABASE_ERROR when the server refuses.
 */
export async function migrate(databaseUrl: string): Promise<MigrationReport> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  // Unheard, a lost connection would end the process; the pending query rejects anyway.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await refuseNewer(client);
    const applied = await runner({
      dbClient: client,
      dir: MIGRATIONS,
      direction: 'up',
      migrationsTable: TABLE,
      migrationsSchema: SCHEMA,
      createMigrationsSchema: true,
      schema: SCHEMA,
      singleTransaction: true,
      advisoryLockMode: 'wait',
      logger: SILENT,
    });
    return { applied: applied.map(({ name }) => name), at: knownMigrations().at(-1) ?? '' };
  } catch (error) {
    throw asCatalogued(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The migrations that this version brings, in order. */
function knownMigrations(): string[] {
  return readdirSync(MIGRATIONS)
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const table = await client.query<{ found: string | null }>('select to_regclass($1) as found', [`${SCHEMA}.${TABLE}`]);
  if (!table.rows[0]?.found) return;
  const { rows } = await client.query<{ name: string }>(`select name from ${SCHEMA}.${TABLE} order by id`);
  const known = new Set(knownMigrations());
  const unknown = rows.find(({ name }) => !known.has(name));
  if (unknown) throw sluiceError('DATABASE_NEWER', { found: unknown.name });
}

function asCatalogued(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SluiceError) return error;
  return sluiceError('DATABASE_ERROR', { why: error.message }, { cause: error });
}

const SILENT = { info: ignore, warn: ignore, error: ignore, debug: ignore };
function ignore(): void {
  // The caller gets the list of applied migrations or the error; the library's own lines would only double them.
}
