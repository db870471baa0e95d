import { misfitOf, type Misfit } from '#domain/fleet/compatibility.ts';
import { operationOf } from '#domain/fleet/waves.ts';
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { DeviceKind } from './select-targets.ts';

interface Wished {
  /** Devices that some wave may take. */
  readonly reached: readonly DeviceKind[];
  /** The version as it was written. */
  readonly asked: string;
  /** The plan file has `approvals`. */
  readonly setsApprovals: boolean;
}

/** What the planner saw that does not stop a plan and may stop its run. */
export function planNotes(
  { environment, firmware, selection, steps, waves }: FleetPlan,
  { reached, asked, setsApprovals }: Wished,
): string[] {
  const misfits = misfitsOf(reached, firmware);
  const misfitting = sumOf([...misfits.values()].flat());
  const sizes = selection.waveDevices ?? [];
  const chosen = sizes.filter((_size, at) => operationOf(waves[at]) !== 'activate');
  const untouched = selection.devices - misfitting - chosen.reduce((sum, size) => sum + size, 0);
  const empty = waves.flatMap((_wave, at) => (sizes[at] === 0 ? [at + 1] : []));
  return [
    ...(asked === 'latest' ? [`latest is ${firmware.name} ${firmware.version}: the plan pins it`] : []),
    ...(setsApprovals && !steps.some(asksPeople) ? [noApprovalNote(environment.name)] : []),
    ...[...misfits].map(([why, kinds]) => misfitNote(why, kinds, firmware)),
    ...(untouched === 0 ? [] : [`${untouched} of ${selection.devices} devices are in no wave and keep their firmware`]),
    ...(empty.length === 0 ? [] : [`no device is in wave ${empty.join(', ')} now`]),
    ...(selection.alreadyCurrent === selection.devices ? ['every device runs this version already'] : []),
  ];
}

function misfitsOf(reached: readonly DeviceKind[], firmware: PlannedFirmware): Map<Misfit, DeviceKind[]> {
  const offered = reached.filter((kind) => kind.firmware !== firmware.version);
  const misfits = offered.flatMap((kind) => {
    const why = misfitOf(kind, firmware);
    return why === null ? [] : [{ why, kind }];
  });
  const byReason = Map.groupBy(misfits, ({ why }) => why);
  return new Map([...byReason].map(([why, of]) => [why, of.map(({ kind }) => kind)]));
}

const sumOf = (kinds: readonly DeviceKind[]): number => kinds.reduce((sum, { devices }) => sum + devices, 0);

function misfitNote(why: Misfit, kinds: readonly DeviceKind[], firmware: PlannedFirmware): string {
  const what = `${sumOf(kinds)} devices ${misfitText(why, kinds, firmware)}`;
  return `${what}: device_compatibility_check will fail`;
}

function misfitText(why: Misfit, kinds: readonly DeviceKind[], { hardware, minimumVersion }: PlannedFirmware): string {
  const each = (name: 'hardware' | 'firmware'): string =>
    [...new Set(kinds.map((kind) => kind[name]))].sort().join(', ');
  switch (why) {
    case 'hardware':
      return `are ${each('hardware')}, the firmware fits ${hardware.join(', ')}`;
    case 'version-too-old':
      return `run ${each('firmware')}, the firmware needs at least ${minimumVersion}`;
    case 'version-unknown':
      return `run ${each('firmware')}, which has no order with the needed ${minimumVersion}`;
  }
}

export const asksPeople = (step: Step): boolean =>
  step.kind === 'approve' || (step.kind === 'gate' && step.check.run === 'manual');

/** The file has rules for approvals, and yet nobody is asked. */
export function noApprovalNote(environment: string): string {
  return `no approval will be asked: ${environment} has no approval_required, and approvals names no before_waves`;
}
