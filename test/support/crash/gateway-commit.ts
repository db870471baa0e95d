// Holds the gateway in the middle of its commit, so that it can be killed there.
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { eventually } from '../eventually.ts';
import type { Trial } from './trial.ts';

const DEADLINE_MS = 30_000;

export interface HeldCommit {
  /** The commit never happens: PostgreSQL rolls it back. */
  undo(): Promise<void>;
  /** The commit goes on, whether or not anybody waits for it. */
  letGo(): Promise<void>;
}

/** Resolves when the gateway's statement waits for rows of this run's devices. */
export async function holdGatewayCommit({ world: { pool }, run }: Trial): Promise<HeldCommit> {
  const connection = await pool.connect();
  const letGo = async (): Promise<void> => {
    await connection.query('rollback');
    connection.release();
  };
  try {
    await connection.query('begin');
    await connection.query(
      `select 1 from job_executions e join jobs j on j.seq = e.job_seq where j.run_id = $1 order by e.thing for update of e`,
      [run],
    );
    const backends = await eventually(() => waitingBackends(pool), DEADLINE_MS);
    return { letGo, undo: () => terminate(pool, backends).finally(letGo) };
  } catch (error) {
    await letGo();
    throw error;
  }
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
  await eventually(async () => {
    const { rows } = await pool.query('select 1 from pg_stat_activity where pid = any($1)', [backends]);
    if (rows.length > 0) throw new Error('the gateway’s session is still there');
  }, DEADLINE_MS);
}
