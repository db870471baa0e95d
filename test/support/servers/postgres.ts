import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../../activities/adapters/postgres/migrate.ts';
import { postgresCommand, prepareCluster } from '../../../workers/stack/postgres/cluster.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';

export interface PostgresServer extends ServerProcess {
  /** URL of database `sluice`, migrated. */
  readonly url: string;
  readonly port: number;
  readonly folder: string;
}

export interface PostgresOptions {
  readonly port?: number;
  /** An existing or new cluster folder, kept by `stop()`; a temp folder without. */
  readonly folder?: string;
  /** `fsync` and `synchronous_commit`; on unless switched off. */
  readonly durable?: boolean;
}

/** A real PostgreSQL of its own with the migrated database `sluice`: for tests that kill or measure it. About 2 s. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const made = options.folder === undefined ? makeTempFolder('postgres') : null;
  const folder = options.folder ?? join(made?.path ?? '', 'cluster');
  const port = options.port ?? (await freePort());
  const cluster = { folder, port, durable: options.durable ?? true };
  await prepareCluster(cluster);
  const admin = urlOf(port, 'postgres');
  const server = await startOnceAlone(() => startServer(postgresCommand(cluster), () => accepts(admin), 'SIGINT'));
  await ensureDatabase(admin, 'sluice');
  const url = urlOf(port, 'sluice');
  await migrate(url);
  const stop = async () => {
    await server.stop();
    made?.remove();
  };
  return { ...server, stop, url, port, folder };
}

const ALONE_WITHIN_MS = 30_000;

/** The last backends of a killed server may live a moment longer than it, and no other starts beside them. */
async function startOnceAlone(start: () => Promise<ServerProcess>): Promise<ServerProcess> {
  const end = Date.now() + ALONE_WITHIN_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (Date.now() > end || !/shared memory block|lock file|already in use/i.test(String(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const urlOf = (port: number, database: string): string => `postgresql://postgres@127.0.0.1:${port}/${database}`;

async function accepts(url: string): Promise<boolean> {
  await runSql(url, 'select 1');
  return true;
}

async function ensureDatabase(adminUrl: string, name: string): Promise<void> {
  const found = await runSql(adminUrl, 'select 1 from pg_database where datname = $1', [name]);
  if (found.rowCount === 0) await runSql(adminUrl, `create database ${name}`);
}

/** Runs one statement on a connection of its own. */
export async function runSql(url: string, sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(sql, values);
  } finally {
    await client.end();
  }
}
