import { readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { findPostgresPrograms } from '../../../client/engine/stack/components/postgres-programs.ts';
import { migrate } from '../../../activities/adapters/postgres/migrate.ts';
import { postgresCommand, prepareCluster } from '../../../workers/stack/postgres/cluster.ts';
import { needs } from '../requires.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';

needs('PostgreSQL', findPostgresPrograms);

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
  const server = await startServer(postgresCommand(cluster), () => accepts(admin), 'SIGINT');
  await ensureDatabase(admin, 'sluice');
  const url = urlOf(port, 'sluice');
  await migrate(url);
  const stop = async () => {
    await server.stop();
    made?.remove();
  };
  const kill = async () => {
    await server.kill();
    await killSessions(folder);
  };
  return { ...server, stop, kill, url, port, folder };
}

const GONE_POLL_MS = 10;

/** A killed server's sessions go on answering until they notice, and no other server starts beside them. */
async function killSessions(folder: string): Promise<void> {
  for (let left = processesIn(folder); left.length > 0; left = processesIn(folder)) {
    for (const pid of left) endNow(pid);
    await pause(GONE_POLL_MS);
  }
}

function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}

/** All processes of the cluster: they work in its folder. None where the system has no /proc. */
function processesIn(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  const home = realpathSync(folder);
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    return Number.isInteger(pid) && folderOf(pid) === home ? [pid] : [];
  });
}

function folderOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // Gone meanwhile, or somebody else's.
    return null;
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
