// Whether a run offered no more, and no faster, than it was allowed to, and left nothing in the devices' queues.
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';

/** The run that is judged, and where its rows are. */
export interface Judged {
  readonly world: { readonly pool: Pool };
  readonly run: string;
  readonly options: { readonly maximumPerMinute: number | null };
}

/** Ends after which no device may begin what was offered. */
const WITHDRAWN: ReadonlySet<Phase> = new Set(['cancelled', 'rolled-back', 'rollback-incomplete']);
const MINUTE_MS = 60_000;

export async function judgeOffers(trial: Judged, phase: Phase): Promise<string[]> {
  const left = WITHDRAWN.has(phase) ? await judgeQueue(trial) : [];
  return [...left, ...judgeRate(await releases(trial), trial.options.maximumPerMinute)];
}

/** A withdrawn offer is in no queue, and no job of it hands anything out. */
async function judgeQueue({ world, run }: Judged): Promise<string[]> {
  const { rows } = await world.pool.query<{ job: string; status: string; queued: number }>(
    `select j.job_id as job, j.status, (count(e.thing) filter (where e.status = ${STATUS.queued}))::int as queued
     from jobs j left join job_executions e on e.job_seq = j.seq
     where j.run_id = $1 and j.purpose = 'install' group by j.seq, j.job_id, j.status order by j.seq`,
    [run],
  );
  return rows.flatMap(({ job, status, queued }) => [
    ...(status === 'cancelled' ? [] : [`${job} is ${status} after the end`]),
    ...(queued > 0 ? [`${job} is still queued for ${queued} devices`] : []),
  ]);
}

/** When devices were offered the version, oldest first. */
async function releases({ world, run }: Judged): Promise<number[]> {
  const { rows } = await world.pool.query<{ atMs: number }>(
    `select (extract(epoch from released_at) * 1000)::float8 as "atMs" from rollout_targets
     where run_id = $1 and released_at is not null order by released_at`,
    [run],
  );
  return rows.map(({ atMs }) => atMs);
}

/** What a stalled database may shift an instant by, and what may be released in one go. */
const BURST_MS = 2_000;

/**
 * Wherever a span begins, it holds no more devices than the limit gives for its length and one burst: whoever makes up for
 * the time that a process was away, or forgets what was spent, releases more.
 */
export function judgeRate(atMs: readonly number[], maximumPerMinute: number | null): string[] {
  if (maximumPerMinute === null) return [];
  for (const [first, from] of atMs.entries()) {
    for (const [last, to] of atMs.entries()) {
      const devices = last - first + 1;
      const spanMs = to - from;
      const allowed = Math.min(maximumPerMinute, (maximumPerMinute * (spanMs + BURST_MS)) / MINUTE_MS + 1);
      if (spanMs >= 0 && spanMs < MINUTE_MS && devices > allowed)
        return [
          `${devices} devices were offered it within ${Math.round(spanMs)} ms; ${maximumPerMinute} a minute are allowed`,
        ];
    }
  }
  return [];
}

/** What began although the run was paused since `sinceMs`; a moment of this machine, whose clock all parts have. */
export async function judgePause({ world, run }: Judged, sinceMs: number): Promise<string[]> {
  const { rows } = await world.pool.query<{ released: number; begun: number }>(
    `select
       (select count(*) from rollout_targets where run_id = $1 and released_at > since.at)::int as released,
       (select count(*) from job_executions e join jobs j on j.seq = e.job_seq
        where j.run_id = $1 and j.purpose = 'install' and e.started_at > since.at)::int as begun
     from (select to_timestamp($2::float8 / 1000) as at) as since`,
    [run, sinceMs],
  );
  const { released = 0, begun = 0 } = rows[0] ?? {};
  return [
    ...(released > 0 ? [`${released} devices were offered it while the run was paused`] : []),
    ...(begun > 0 ? [`${begun} devices began while the run was paused`] : []),
  ];
}
