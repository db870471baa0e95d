import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { addMs, type Iso } from '#domain/time.ts';
import type { ReleasePlace } from './current-release.ts';

/** How far and how often an application may be scaled. */
export interface ScalingLimits {
  readonly minInstances: number;
  readonly maxInstances: number;
  /** After a scaling in either direction, before the next one up or down. */
  readonly upCooldownMs: number;
  readonly downCooldownMs: number;
}

export type Direction = 'up' | 'down';

/** A change of the number of instances. */
export interface Change {
  readonly direction: Direction;
  readonly count: number;
  readonly present: number;
}

export const wantedAfter = ({ direction, count, present }: Change): number =>
  direction === 'up' ? present + count : present - count;

/** SCALING_LIMIT when the change would pass the limit that it moves towards; null when it may be made. */
export function beyondLimits(place: ReleasePlace, change: Change, limits: ScalingLimits): SluiceError | null {
  const { minInstances: min, maxInstances: max } = limits;
  const wanted = wantedAfter(change);
  // A number that is beyond already may come nearer.
  const isWithin = change.direction === 'up' ? wanted <= max : wanted >= min;
  return isWithin ? null : sluiceError('SCALING_LIMIT', { ...place, present: change.present, wanted, min, max });
}

export const cooldownMs = ({ upCooldownMs, downCooldownMs }: ScalingLimits, direction: Direction): number =>
  direction === 'up' ? upCooldownMs : downCooldownMs;

interface Moment {
  /** When the last scaling was completed. */
  readonly last: Iso;
  readonly now: Iso;
}

/** SCALING_COOLDOWN naming when it is possible again; null when it is. */
export function tooEarly(
  place: ReleasePlace,
  direction: Direction,
  limits: ScalingLimits,
  { last, now }: Moment,
): SluiceError | null {
  const waitMs = cooldownMs(limits, direction);
  const possibleAt = addMs(last, waitMs);
  if (Date.parse(now) >= Date.parse(possibleAt)) return null;
  return sluiceError('SCALING_COOLDOWN', {
    ...place,
    direction,
    last,
    cooldownSeconds: Math.round(waitMs / 1_000),
    possibleAt,
  });
}

/** Whether a release only changed the number of instances: the same bytes under the same version. */
export const isScaling = ({ application, present }: Pick<ContainerPlan, 'application' | 'present'>): boolean =>
  present !== null &&
  present.version === application.version &&
  present.digest === application.image.digest &&
  present.replicas !== application.replicas;
