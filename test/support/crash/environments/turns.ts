// When runs of an environment had their turn, from their journals.
import type { Pool } from '../../../../activities/adapters/postgres/pool.ts';

export interface Turn {
  readonly run: string;
  readonly application: string;
  readonly ticket: number;
  readonly phase: string;
  /** Milliseconds; of the last of its turns, and of its end. */
  readonly fromMs: number | null;
  readonly untilMs: number | null;
}

/** Of every run that asked for a place, in the order of the starts. */
export async function readTurns(pool: Pool, environment: string): Promise<Turn[]> {
  const { rows } = await pool.query<Turn>(
    `select r.run_id as run, r.subject as application, (r.place->>'ticket')::float8 as ticket, r.phase,
       (select (extract(epoch from min(e.at)) * 1000)::float8 from run_events e
        where e.run_id = r.run_id and e.summary like 'it is its turn%') as "fromMs",
       (select (extract(epoch from e.at) * 1000)::float8 from run_events e
        where e.run_id = r.run_id and e.type = 'run-ended') as "untilMs"
     from runs r where r.environment = $1 and r.place is not null order by ticket`,
    [environment],
  );
  return rows;
}

/** What is not as it should be: a run that did not end well, two at once on one application, too many at once, a wrong order. */
export function judgeTurns(turns: readonly Turn[], maximum: number): string[] {
  const bad = turns.filter(({ phase }) => phase !== 'completed').map(({ run, phase }) => `${run} ended ${phase}`);
  const intervals = turns.flatMap(({ run, application, fromMs, untilMs }) =>
    fromMs === null || untilMs === null ? [] : [{ run, application, fromMs, untilMs }],
  );
  const missing = turns.length === intervals.length ? [] : ['somebody never had a turn'];
  const both = intervals.flatMap((one, at) =>
    intervals
      .slice(at + 1)
      .filter((other) => one.application === other.application && other.fromMs < one.untilMs)
      .map((other) => `${other.run} began before ${one.run}, which was started earlier, had ended`),
  );
  const most = Math.max(
    0,
    ...intervals.map(({ fromMs }) => intervals.filter((one) => one.fromMs <= fromMs && fromMs < one.untilMs).length),
  );
  return [...bad, ...missing, ...both, ...(most > maximum ? [`${most} were under way at once, not ${maximum}`] : [])];
}
