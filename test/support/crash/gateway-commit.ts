// Holds the gateway in the middle of its commit, so that it can be killed there.
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { eventually } from '../eventually.ts';
import type { Trial } from './trial.ts';

const DEADLINE_MS = 30_000;

/** Of each execution of the run, by device and job: its version, and which transaction wrote it last. */
export type RowVersions = ReadonlyMap<string, string>;

export interface HeldCommit {
  /** As the rows stood when the commit was held. */
  readonly before: RowVersions;
  /** The commit never happens: PostgreSQL rolls it back. The result is how the rows stand then. */
  undo(): Promise<RowVersions>;
  /** The commit goes on, whether or not anybody waits for it. The result is how the rows stand when it has ended. */
  letGo(): Promise<RowVersions>;
}

/** Resolves when the gateway's statement waits for rows of this run's devices. */
export async function holdGatewayCommit({ world: { pool }, run }: Trial): Promise<HeldCommit> {
  const connection = await pool.connect();
  const unlock = async (): Promise<void> => {
    await connection.query('rollback');
    connection.release();
  };
  try {
    await connection.query('begin');
    await connection.query(
      `select 1 from job_executions e join jobs j on j.seq = e.job_seq where j.run_id = $1 order by e.thing for update of e`,
      [run],
    );
    const before = await versions(connection, run);
    const backends = await eventually(() => waitingBackends(pool), DEADLINE_MS);
    return {
      before,
      undo: async () => {
        await terminate(pool, backends);
        // Still locked: nobody else can have changed them.
        return versions(connection, run).finally(unlock);
      },
      letGo: async () => {
        await unlock();
        await untilGone(pool, backends);
        return versions(pool, run);
      },
    };
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function versions(connection: Pool | Connection, run: string): Promise<RowVersions> {
  // A device that only asks again what it has to do leaves its version as it is: the writer tells of that too.
  const { rows } = await connection.query<{ row: string; version: string }>(
    `select e.thing || ' ' || j.job_id as row, e.version_number || ' by ' || e.xmin::text as version
     from job_executions e join jobs j on j.seq = e.job_seq where j.run_id = $1`,
    [run],
  );
  return new Map(rows.map(({ row, version }) => [row, version]));
}

// Not on the connection that holds the rows: a transaction sees the activity of its first look for ever.
async function waitingBackends(pool: Pool): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    `select pid from pg_stat_activity
     where wait_event_type = 'Lock' and query like '%update job_executions e set version_number = c.version_number%'`,
  );
  if (rows.length === 0) throw new Error('no commit of the gateway waits');
  return rows.map(({ pid }) => pid);
}

async function terminate(pool: Pool, backends: readonly number[]): Promise<void> {
  for (const pid of backends) await pool.query('select pg_terminate_backend($1)', [pid]);
  await untilGone(pool, backends);
}

function untilGone(pool: Pool, backends: readonly number[]): Promise<void> {
  return eventually(async () => {
    const { rows } = await pool.query('select 1 from pg_stat_activity where pid = any($1)', [backends]);
    if (rows.length > 0) throw new Error('the gateway’s session is still there');
  }, DEADLINE_MS);
}

/** The rows that were written in between. */
export const changedRows = (before: RowVersions, after: RowVersions): string[] =>
  [...before].filter(([row, version]) => after.get(row) !== version).map(([row]) => row);
