import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { addMs, type Iso } from '#domain/time.ts';
import { clearanceAt, type Hold, type RunSchedule } from '#domain/windows/clearance.ts';
import { readStartTime } from '#domain/windows/start-time.ts';

/** When a run may begin its effects, as it goes into its input, and what holds it at its start. */
export interface StartTiming {
  readonly input: Pick<RunInput, 'windows' | 'schedule'>;
  /** Null: nothing does. */
  readonly hold: Hold | null;
}

/** Nothing holds the run. */
export const UNTIMED: StartTiming = { input: {}, hold: null };

interface TimingWish {
  readonly plan: Plan;
  readonly environment: Environment;
  /** As a person wrote it; it replaces the beginning that the plan has. */
  readonly at: string | undefined;
  readonly now: Iso;
}

/**
 * The windows of the environment as they are now, and the time that the plan or the person asks for. Throws
 * START_TIME_INVALID, SCHEDULE_OVER, SCHEDULE_IN_NO_WINDOW.
 */
export function settleTiming({ plan, environment, at, now }: TimingWish): StartTiming {
  const { windows } = environment;
  const schedule = scheduleOf(plan, at === undefined ? null : startTime(at, environment, now));
  const clearance = clearanceAt({ windows, schedule }, now);
  if (clearance.kind === 'over') {
    throw sluiceError('SCHEDULE_OVER', { plan: plan.planId, endedAt: clearance.endedAt });
  }
  const hold = clearance.kind === 'wait' ? clearance : null;
  if (hold !== null) refuseMissed(environment.name, hold, schedule);
  const input = { ...(windows.length > 0 && { windows }), ...(schedule !== null && { schedule }) };
  return { input, hold };
}

function scheduleOf({ schedule: planned }: Plan, at: Iso | null): RunSchedule | null {
  const startAt = at ?? planned?.startAt ?? null;
  if (startAt === null) return null;
  const durationMs = planned?.durationMs ?? null;
  return { startAt, endsAt: durationMs === null ? null : addMs(startAt, durationMs) };
}

/** A run that could only ask what to do when its time is over. */
function refuseMissed(environment: string, { opensAt, reason }: Hold, schedule: RunSchedule | null): void {
  const endsAt = schedule?.endsAt ?? null;
  if (endsAt === null || (opensAt !== null && opensAt < endsAt)) return;
  throw sluiceError('SCHEDULE_IN_NO_WINDOW', { environment, endsAt, opensAt: opensAt ?? 'never', reason });
}

function startTime(text: string, environment: Environment, now: Iso): Iso {
  const zones = [...new Set(environment.windows.map(({ timezone }) => timezone))];
  const [timezone = 'UTC', ...others] = zones;
  if (others.length > 0 && /^\d\d:\d\d$/.test(text)) {
    const expected = `a time with its zone, as the windows of ${environment.name} have several (${zones.join(', ')})`;
    throw sluiceError('START_TIME_INVALID', { given: text, expected });
  }
  const read = readStartTime(text.trim(), { timezone, now });
  if (read.kind === 'time') return read.at;
  throw sluiceError('START_TIME_INVALID', { given: text, expected: read.expected });
}

/** What a person hears of it at the start. */
export function describeHold({ opensAt, heldBy, reason }: Hold, run: string): string {
  const what = heldBy === 'window' ? 'waits for the window' : 'waits for its time';
  const until = opensAt === null ? 'it does not open by itself' : `opens ${opensAt}`;
  return `${what}: ${until} (${reason}) · sluice deploy start-now ${run} --reason "…"`;
}
