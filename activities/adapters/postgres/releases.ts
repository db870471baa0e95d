// Offering devices their job: the insert of the execution is the release.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { Connection } from './pool.ts';

/** The counter slot of the engine; gateways have the others. */
export const ENGINE_SLOT = 1000;

export interface ReleaseState {
  readonly tokens: number;
  readonly refilledAtMs: number | null;
  /** By the database's clock: one for all workers. */
  readonly nowMs: number;
}

/** Locks the run's releases: of two attempts the later waits, and who holds or stops the run. Null unless it is open. */
export async function lockRelease(connection: Connection, run: string): Promise<ReleaseState | null> {
  const { rows } = await connection.query<ReleaseState & { isOpen: boolean }>(
    `select offers = 'open' as "isOpen", release_tokens as tokens,
       (extract(epoch from refilled_at) * 1000)::float8 as "refilledAtMs",
       (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"
     from rollouts where run_id = $1 for update`,
    [run],
  );
  return rows[0]?.isOpen ? rows[0] : null;
}

/** Keeps what the rate limit still allows. */
export async function saveRelease(
  connection: Connection,
  run: string,
  state: { readonly tokens: number; readonly refilledAtMs: number | null },
): Promise<void> {
  await connection.query(
    'update rollouts set release_tokens = $2, refilled_at = to_timestamp($3::float8 / 1000) where run_id = $1',
    [run, state.tokens, state.refilledAtMs],
  );
}

/** Marks the next targets of the waves up to `wave` as released, in the order of the run; returns them in that order. */
export async function markReleased(
  connection: Connection,
  run: string,
  { wave, limit }: { wave: number; limit: number },
): Promise<string[]> {
  const { rows } = await connection.query<{ thing: string }>(
    `with due as (
       select thing from rollout_targets
       where run_id = $1 and wave <= $2 and released_at is null and not skipped
       order by wave, ord limit $3
     ), released as (
       update rollout_targets t set released_at = clock_timestamp() from due
       where t.run_id = $1 and t.thing = due.thing returning t.thing, t.wave, t.ord
     )
     select thing from released order by wave, ord`,
    [run, wave, limit],
  );
  return rows.map(({ thing }) => thing);
}

/** Offers job `jobSeq` to `things`: their executions and the count of queued ones, in the caller's transaction. */
export async function offerJob(connection: Connection, jobSeq: number, things: readonly string[]): Promise<number> {
  const { rows } = await connection.query<{ offered: number }>(
    `with made as (
       insert into job_executions (thing, job_seq, shard)
       select d.thing, $1, d.shard from unnest($2::text[]) with ordinality as x (thing, place) join devices d using (thing)
       order by x.place
       on conflict (thing, job_seq) do nothing returning 1
     ), counted as (
       insert into job_counters (job_seq, slot, queued) select $1, $3, count(*) from made
       on conflict (job_seq, slot) do update set queued = job_counters.queued + excluded.queued
     )
     select count(*)::int as offered from made`,
    [jobSeq, things, ENGINE_SLOT],
  );
  return rows[0]?.offered ?? 0;
}

/** Withdraws what older runs still have in the queues of `things`: the newest decision stands. Returns how many. */
export async function supersede(connection: Connection, run: string, things: readonly string[]): Promise<number> {
  const { rows } = await connection.query<{ superseded: number }>(
    `with older as (
       select e.thing, e.job_seq from job_executions e join jobs j on j.seq = e.job_seq
       where e.thing = any($2) and e.status = ${STATUS.queued} and j.run_id <> $1 and j.purpose = 'install'
       order by e.thing, e.job_seq for update of e
     ), gone as (
       update job_executions e set status = ${STATUS.canceled}, version_number = e.version_number + 1, updated_at = now(),
         status_details = jsonb_build_object('reason', 'superseded by ' || $1::text)
       from older where e.thing = older.thing and e.job_seq = older.job_seq and e.status = ${STATUS.queued} returning e.job_seq
     ), counted as (
       insert into job_counters (job_seq, slot, queued, canceled)
       select job_seq, $3, -count(*), count(*) from gone group by job_seq
       on conflict (job_seq, slot) do update
         set queued = job_counters.queued + excluded.queued, canceled = job_counters.canceled + excluded.canceled
     )
     select count(*)::int as superseded from gone`,
    [run, things, ENGINE_SLOT],
  );
  return rows[0]?.superseded ?? 0;
}
