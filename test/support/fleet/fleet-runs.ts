// Runs of a fleet world, as far on as a test needs them.
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { OfferWaveInput, RunRef, WaveOutcome } from '#domain/ports/fleet.port.ts';
import type { FleetDeps } from '../../../activities/fleet/deps.ts';
import { createFleetActivities } from '../../../activities/fleet/fleet.activities.ts';
import { attempt, type Attempt, type AttemptInfo, type FleetWorld } from './fleet-world.ts';
import { percentWaves } from './plan-builder.ts';

const HOUR_MS = 3_600_000;

export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** A run of `firmware` over all devices of the world, `names` added before; its targets are chosen. */
export async function preparedRun(
  world: FleetWorld,
  firmware: PlannedFirmware,
  { names = [], ...changes }: Partial<FleetPlan> & { readonly names?: readonly string[] } = {},
): Promise<RunRef> {
  await world.addDevices(names);
  const ref = await world.plan(firmware, { waves: percentWaves(100), ...changes });
  await attempt(createFleetActivities(world).prepareRollout, ref).result;
  return ref;
}

/** The same after its first wave, which ended at once: its job is open, no device began. */
export async function offeredRun(
  world: FleetWorld,
  firmware: PlannedFirmware,
  changes: Parameters<typeof preparedRun>[2] = {},
): Promise<RunRef> {
  const ref = await preparedRun(world, firmware, changes);
  await offer(world, { ...ref, ...whateverHappens, deadlineAt: inMs(0) }).result;
  return ref;
}

/** Nothing is too bad, and nothing too little. */
export const whateverHappens: Pick<OfferWaveInput, 'successThresholdPercent' | 'criteria'> = {
  successThresholdPercent: 0,
  criteria: { maxFailureRatePercent: null, minimumExecuted: 1, onHealthCheckFailure: false },
};

/** What is said of an offer; the rest is its usual self. */
export type OfferWish = RunRef & Partial<OfferWaveInput>;

/** One attempt at wave 1, unless another is named: 90 % have to succeed and at most 10 % may fail within an hour. */
export function offer(deps: FleetDeps, wish: OfferWish, info: AttemptInfo = {}): Attempt<WaveOutcome> {
  const input: OfferWaveInput = {
    wave: 1,
    maximumPerMinute: null,
    successThresholdPercent: 90,
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
    deadlineAt: inMs(HOUR_MS),
    ...wish,
  };
  return attempt(createFleetActivities(deps).offerWave, input, info);
}
