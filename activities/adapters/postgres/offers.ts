// How the offers of a run stand: column `rollouts.offers`, under the row's lock; the status of its install jobs follows.
import { announceJob, type JobStatus } from './rollout-jobs.ts';
import { inTransaction, type Connection, type Pool } from './pool.ts';

export type Offers = 'open' | 'held' | 'stopped';

/** An attempt at one of a run's activities, which a run numbers as it schedules them. */
export interface Decider {
  /** Temporal's id of the run's execution. */
  readonly execution: string;
  readonly activity: number;
  readonly attempt: number;
}

interface Standing extends Decider {
  readonly offers: Offers;
}

/**
 * Hands out again what is held of the run, or keeps everything queued from the devices (those in progress go on). Nothing
 * happens to a run that was not prepared or was stopped, nor when a later attempt or activity has decided already: an
 * attempt that was given up for dead may wake at any time.
 */
export function decideOffers(pool: Pool, run: string, wanted: 'open' | 'held', by: Decider): Promise<void> {
  return inTransaction(pool, async (connection) => {
    const standing = await lockStanding(connection, run);
    if (standing && mayDecide(by, standing)) await decide(connection, run, { from: standing.offers, to: wanted, by });
  });
}

/**
 * Opens, for an attempt that offers a wave, what an earlier activity held: the run went on since. What an attempt at the same
 * activity decided stays. Returns how the offers stand, null for a run that was not prepared; locked until the transaction ends.
 */
export async function takeUpOffers(connection: Connection, run: string, by: Decider): Promise<Offers | null> {
  const standing = await lockStanding(connection, run);
  if (!standing || !mayDecide(by, standing)) return standing?.offers ?? null;
  const isRetry = standing.execution === by.execution && standing.activity === by.activity;
  const to = isRetry ? standing.offers : 'open';
  await decide(connection, run, { from: standing.offers, to, by });
  return to;
}

/** Ends the offers of the run for good: what devices in progress report from now on is refused. */
export function stopOffers(pool: Pool, run: string): Promise<void> {
  return inTransaction(pool, async (connection) => {
    await setStopped(connection, run);
    await moveJobs(connection, run, { from: ['open', 'held'], to: 'cancelled' });
  });
}

/** Ends the offers of a run that nobody watches any more: what is queued waits for ever, those in progress finish. */
export async function freezeOffers(connection: Connection, run: string): Promise<void> {
  await setStopped(connection, run);
  await moveJobs(connection, run, { from: ['open'], to: 'held' });
}

async function setStopped(connection: Connection, run: string): Promise<void> {
  await connection.query(`update rollouts set offers = 'stopped' where run_id = $1`, [run]);
}

async function lockStanding(connection: Connection, run: string): Promise<Standing | null> {
  const { rows } = await connection.query<Standing>(
    `select offers, decided_in as execution, decided_by as activity, decided_attempt as attempt
     from rollouts where run_id = $1 for update`,
    [run],
  );
  return rows[0] ?? null;
}

function mayDecide(by: Decider, standing: Standing): boolean {
  if (standing.offers === 'stopped') return false;
  // Only within one execution do the numbers say who came later.
  if (standing.execution !== by.execution) return true;
  if (standing.activity !== by.activity) return standing.activity < by.activity;
  return standing.attempt <= by.attempt;
}

interface Decision {
  readonly from: Offers;
  readonly to: Offers;
  readonly by: Decider;
}

async function decide(connection: Connection, run: string, { from, to, by }: Decision): Promise<void> {
  await connection.query(
    `update rollouts set offers = $2, decided_in = $3, decided_by = $4, decided_attempt = $5 where run_id = $1`,
    [run, to, by.execution, by.activity, by.attempt],
  );
  if (from === to) return;
  const jobs = to === 'open' ? ({ from: ['held'], to: 'open' } as const) : ({ from: ['open'], to: 'held' } as const);
  await moveJobs(connection, run, jobs);
}

async function moveJobs(
  connection: Connection,
  run: string,
  { from, to }: { readonly from: readonly JobStatus[]; readonly to: JobStatus },
): Promise<void> {
  const { rows } = await connection.query<{ seq: number }>(
    `update jobs set status = $3 where run_id = $1 and purpose = 'install' and status = any($2) returning seq`,
    [run, from, to],
  );
  for (const { seq } of rows) await announceJob(connection, seq);
}
