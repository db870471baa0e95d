import { mkdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '../../../activities/adapters/postgres/migrate.ts';
import { createPool } from '../../../activities/adapters/postgres/pool.ts';
import { claimInstallation } from '../../../client/engine/installation.ts';
import { findPostgresPrograms } from '../../../client/engine/stack/components/postgres-programs.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { probePostgres } from '../../../client/engine/stack/probes.ts';
import { addressOf } from '../../../client/engine/stack/status.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import { postgresCommand, prepareCluster } from '../postgres/cluster.ts';
import type { Part } from '../part.ts';

/** Embedded PostgreSQL with database `sluice`, or the one of SLUICE_DATABASE_URL; migrated before anything uses it. */
export function postgresPart(settings: Settings, env: NodeJS.ProcessEnv): Part {
  const shared = { name: 'postgres', after: [], address: addressOf('postgres', settings) } as const;
  const whenMigrated = async () => {
    await migrate(settings.databaseUrl);
    await claim(settings);
  };
  if (env['SLUICE_DATABASE_URL'] !== undefined) return { ...shared, kind: 'external', whenReady: whenMigrated };
  const folder = join(settings.dataDirectory, 'postgres');
  const cluster = { folder, port: settings.ports.postgres, durable: true };
  const adminUrl = `postgresql://postgres@127.0.0.1:${cluster.port}/postgres`;
  return {
    ...shared,
    kind: 'embedded',
    ports: ['postgres'],
    // A fast shutdown: sessions are ended, everything committed is on the disk.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
    version: () => readVersion(findPostgresPrograms().postgres, ['--version']),
    prepare: async () => {
      mkdirSync(settings.dataDirectory, { recursive: true });
      await prepareCluster(cluster);
      removeStaleLock(folder);
    },
    command: () => postgresCommand(cluster),
    isReady: async () => (await probePostgres(adminUrl)).version !== '',
    whenReady: async () => {
      await ensureDatabase(adminUrl);
      await whenMigrated();
    },
  };
}

/** Before anything writes to the one on the word of the other. */
async function claim(settings: Settings): Promise<void> {
  const pool = createPool(settings.databaseUrl, 1);
  try {
    await claimInstallation(settings, pool);
  } finally {
    await pool.end();
  }
}

async function ensureDatabase(adminUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query("select 1 from pg_database where datname = 'sluice'");
    if (rowCount === 0) await client.query('create database sluice');
  } finally {
    await client.end();
  }
}

/**
 * After a crash of the whole machine the pid in PostgreSQL's lock file may be somebody else's by now, and PostgreSQL would
 * refuse to start for ever. A server of this cluster has the cluster's folder as its working directory; nobody else does.
 */
function removeStaleLock(folder: string): void {
  const lock = join(folder, 'postmaster.pid');
  try {
    const [pid] = readFileSync(lock, 'utf8').split('\n');
    if (readlinkSync(`/proc/${pid}/cwd`) !== realpathSync(folder)) rmSync(lock);
  } catch {
    // No lock, or no such process: PostgreSQL sorts that out itself.
  }
}
