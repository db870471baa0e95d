import { insertFreeze, liftFreeze } from '../../../activities/adapters/postgres/freezes.ts';
import { changeHolds } from '../../../activities/adapters/postgres/holds.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import type { Freeze } from '#domain/coordination/holds.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { addMs, parseDurationMs, type Iso } from '#domain/time.ts';
import { readStartTime, whyNotThen } from '#domain/windows/start-time.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { freezeInForce } from './freeze-in-force.ts';
import { statedReason } from './stated-reason.ts';
import { tellCoordinator, type ToldHolds } from './tell-coordinator.ts';

export interface FreezeWish {
  readonly environment: string;
  readonly reason: string;
  /** A time with its zone, or `22:30` on the clock of the environment's windows. */
  readonly until?: string | undefined;
  /** A duration such as `36h`, in place of `until`. */
  readonly for?: string | undefined;
  readonly person: Person;
}

export interface Frozen extends ToldHolds {
  readonly environment: string;
  readonly freeze: Freeze;
}

/**
 * From now on nobody begins in the environment, until its time is over or a person lifts it; runs that are started wait. Throws
 * ENVIRONMENT_UNKNOWN, REASON_REQUIRED, FREEZE_END_INVALID, ENVIRONMENT_FROZEN, USAGE.
 */
export async function freezeEnvironment(deps: EngineDeps, wish: FreezeWish): Promise<Frozen> {
  const { name, windows } = await loadEnvironment(deps, wish.environment);
  const reason = statedReason('freeze', wish.reason);
  const until = endOf(wish, windows, new Date().toISOString());
  await inTransaction(await deps.database(), async (connection) => {
    const present = await lockFreeze(connection, name);
    if (present !== null) throw frozenAlready(name, present);
    await insertFreeze(connection, { environment: name, reason, by: wish.person.name, until });
  });
  const told = await tellCoordinator(deps, name);
  if (told.holds.freeze === null) throw sluiceError('ENVIRONMENT_NOT_FROZEN', { environment: name });
  return { ...told, environment: name, freeze: told.holds.freeze };
}

/** Ends the freeze before its time. Throws ENVIRONMENT_UNKNOWN, REASON_REQUIRED, ENVIRONMENT_NOT_FROZEN, USAGE. */
export async function unfreezeEnvironment(
  deps: EngineDeps,
  wish: Pick<FreezeWish, 'environment' | 'reason' | 'person'>,
): Promise<Frozen> {
  const { name } = await loadEnvironment(deps, wish.environment);
  const reason = statedReason('unfreeze', wish.reason);
  const freeze = await inTransaction(await deps.database(), async (connection) => {
    const present = await lockFreeze(connection, name);
    if (present === null) throw sluiceError('ENVIRONMENT_NOT_FROZEN', { environment: name });
    await liftFreeze(connection, present.id, { by: wish.person.name, reason });
    return present;
  });
  return { ...(await tellCoordinator(deps, name)), environment: name, freeze };
}

/** Held against others until the transaction ends. */
async function lockFreeze(connection: Connection, environment: string): Promise<Freeze | null> {
  await changeHolds(connection, environment);
  return freezeInForce(connection, environment);
}

const frozenAlready = (environment: string, { by, until, reason }: Freeze): Error =>
  sluiceError('ENVIRONMENT_FROZEN', {
    environment,
    by,
    until: until === null ? 'until somebody lifts it' : `until ${until}`,
    reason,
  });

type Windows = Environment['windows'];

function endOf({ until, for: duration }: FreezeWish, windows: Windows, now: Iso): Iso | null {
  if (until !== undefined && duration !== undefined) {
    throw sluiceError('USAGE', { why: 'a freeze ends at a time or after a duration, not both' }, { where: '--for' });
  }
  if (until !== undefined) return endAt(until, windows, now);
  return duration === undefined ? null : endAfter(duration, now);
}

/** Several zones: a time of day could mean any of them. */
function endAt(given: string, windows: Windows, now: Iso): Iso {
  const [timezone = 'UTC', ...others] = new Set(windows.map((window) => window.timezone));
  const isOfDay = /^\d\d:\d\d$/.test(given.trim());
  if (others.length > 0 && isOfDay) throw badEnd('--until', given, 'a time with its zone: the windows have several');
  const read = readStartTime(given.trim(), { timezone, now });
  if (read.kind === 'refused') throw badEnd('--until', given, read.expected);
  return read.at;
}

function endAfter(given: string, now: Iso): Iso {
  const durationMs = parseDurationMs(given);
  if (durationMs === null || durationMs <= 0) throw badEnd('--for', given, 'a duration such as 90m, 36h or 14d');
  const at = addMs(now, durationMs);
  const problem = whyNotThen(at, now);
  if (problem !== null) throw badEnd('--for', given, problem);
  return at;
}

const badEnd = (option: string, given: string, expected: string): Error =>
  sluiceError('FREEZE_END_INVALID', { option, given, expected }, { where: option });
