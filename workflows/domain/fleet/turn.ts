import type { FleetPlan, PlannedFirmware } from '../plan/plan.ts';
import { misfitOf, type FittedDevice } from './compatibility.ts';
import { leadsBack, type WayBackArtifact } from './way-back.ts';

/** A device whose turn in a rollout has come, as it is now. */
export interface DueDevice {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  /** The version of a way back that another run offered it and that has not ended; null when there is none. */
  readonly goingBackTo: string | null;
}

/** Why a target is not offered the version: it runs it already, cannot take it, or could not be taken back. */
export type SkipReason = 'current' | 'misfit' | 'no-way-back';

/** Why a device will be skipped, as far as that can be told when it is chosen; null when it will be offered the version. */
export type Foreseen = Extract<SkipReason, 'current' | 'misfit'> | null;

export function foresee(device: FittedDevice, firmware: PlannedFirmware): Foreseen {
  if (device.firmware === firmware.version) return 'current';
  return misfitOf(device, firmware) === null ? null : 'misfit';
}

export type Turn =
  | { readonly kind: 'offer'; readonly previousFirmware: string }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/**
 * What becomes of a device when its turn comes. Planning may be months ago: what it runs now decides, and is what it would go
 * back to. On its way back from another run it is still offered the version, even the one that it is about to leave, and would
 * go back to where that way leads.
 */
export function takeTurn(
  device: DueDevice,
  { firmware, overrides }: Pick<FleetPlan, 'firmware' | 'overrides'>,
  artifacts: readonly WayBackArtifact[],
): Turn {
  if (device.goingBackTo === null && device.firmware === firmware.version) return { kind: 'skip', reason: 'current' };
  if (misfitOf(device, firmware) !== null) return { kind: 'skip', reason: 'misfit' };
  const previousFirmware = device.goingBackTo ?? device.firmware;
  const isAccepted = overrides.some(({ rule }) => rule === 'NO_WAY_BACK');
  const hasWayBack = artifacts.some((one) => leadsBack(one, { hardware: device.hardware, firmware: previousFirmware }));
  return hasWayBack || isAccepted ? { kind: 'offer', previousFirmware } : { kind: 'skip', reason: 'no-way-back' };
}
