// Offering devices their job: the insert of the execution is the release.
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
