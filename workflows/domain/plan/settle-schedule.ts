import type { Problem } from '../environments/problem.ts';
import type { Iso } from '../time.ts';
import type { ScheduleSpec } from '../windows/schedule.schema.ts';
import { readInstant, whyNotThen } from '../windows/start-time.ts';
import type { PlannedSchedule } from './plan-base.ts';

type Settled =
  | { readonly kind: 'settled'; readonly schedule: { readonly schedule?: PlannedSchedule } }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The schedule of a plan from its file; `path` is where that has it. Refuses a time that is over. */
export function settleSchedule(spec: ScheduleSpec | undefined, { path, now }: { path: string; now: Iso }): Settled {
  if (spec === undefined) return { kind: 'settled', schedule: {} };
  const { start_time: written, duration: durationMs = null } = spec;
  const startAt = readInstant(written) ?? written;
  const expected = whyNotThen(startAt, now);
  if (expected === null) return { kind: 'settled', schedule: { schedule: { startAt, durationMs } } };
  const place = `${path}.start_time`;
  const problem = { path: place, expected, got: JSON.stringify(written), fix: `Set ${place} to ${expected}.` };
  return { kind: 'refused', problem };
}
