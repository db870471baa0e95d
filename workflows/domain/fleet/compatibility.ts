import type { PlannedFirmware } from '../plan/plan.ts';
import { compareVersions } from './version-order.ts';

/** Why a device cannot take the firmware. */
export type Misfit = 'hardware' | 'version-too-old' | 'version-unknown';

export interface FittedDevice {
  readonly hardware: string;
  readonly firmware: string;
}

/** Why `device` cannot take `firmware`, or null when it can. */
export function misfitOf(device: FittedDevice, { hardware, minimumVersion }: PlannedFirmware): Misfit | null {
  if (!hardware.includes(device.hardware)) return 'hardware';
  // Equal texts need no order.
  if (minimumVersion === null || device.firmware === minimumVersion) return null;
  const order = compareVersions(device.firmware, minimumVersion);
  if (order === null) return 'version-unknown';
  return order < 0 ? 'version-too-old' : null;
}
