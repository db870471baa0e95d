import type { Plan } from '#domain/plan/plan.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { DeviceKind } from './select-targets.ts';

interface Wished {
  readonly kinds: readonly DeviceKind[];
  /** The version as it was written. */
  readonly asked: string;
  /** The plan file has `approvals`. */
  readonly setsApprovals: boolean;
}

/** What the planner saw that does not stop a plan and may stop its run. */
export function planNotes(
  { environment, firmware, selection, steps, waves }: Plan,
  { kinds, asked, setsApprovals }: Wished,
): string[] {
  const misfits = kinds.filter(({ hardware }) => !firmware.hardware.includes(hardware));
  const misfitting = misfits.reduce((sum, { devices }) => sum + devices, 0);
  const sizes = selection.waveDevices ?? [];
  const untouched = selection.devices - sizes.reduce((sum, size) => sum + size, 0);
  const empty = waves.flatMap((_wave, at) => (sizes[at] === 0 ? [at + 1] : []));
  return [
    ...(asked === 'latest' ? [`latest is ${firmware.name} ${firmware.version}: the plan pins it`] : []),
    ...(setsApprovals && !steps.some(asksPeople) ? [noApprovalNote(environment.name)] : []),
    ...(misfitting === 0 ? [] : [misfitNote(misfitting, misfits, firmware.hardware)]),
    ...(untouched === 0 ? [] : [`${untouched} of ${selection.devices} devices are in no wave and keep their firmware`]),
    ...(empty.length === 0 ? [] : [`no device is in wave ${empty.join(', ')} now`]),
    ...(selection.alreadyCurrent === selection.devices ? ['every device runs this version already'] : []),
  ];
}

function misfitNote(devices: number, misfits: readonly DeviceKind[], fits: readonly string[]): string {
  const hardware = [...new Set(misfits.map((kind) => kind.hardware))].sort().join(', ');
  return `${devices} devices are ${hardware}, the firmware fits ${fits.join(', ')}: device_compatibility_check will fail`;
}

const asksPeople = (step: Step): boolean =>
  step.kind === 'approve' || (step.kind === 'gate' && step.check.run === 'manual');

function noApprovalNote(environment: string): string {
  return `no approval will be asked: ${environment} has no approval_required, and approvals names no before_waves`;
}
