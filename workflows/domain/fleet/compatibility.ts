import semver from 'semver';
import type { PlannedFirmware } from '../plan/plan.ts';

/** Why a device cannot take the firmware. */
export type Misfit = 'hardware' | 'version-too-old' | 'version-unknown';

export interface FittedDevice {
  readonly hardware: string;
  readonly firmware: string;
}

/** Why `device` cannot take `firmware`, or null when it can. Versions are compared as semantic ones, as far as they are. */
export function misfitOf(device: FittedDevice, firmware: PlannedFirmware): Misfit | null {
  if (!firmware.hardware.includes(device.hardware)) return 'hardware';
  if (firmware.minimumVersion === null) return null;
  const [running, minimum] = [versionOf(device.firmware), versionOf(firmware.minimumVersion)];
  // Equal texts need no order; of what has none, nothing else can be said.
  if (device.firmware === firmware.minimumVersion) return null;
  if (!running || !minimum) return 'version-unknown';
  return semver.lt(running, minimum) ? 'version-too-old' : null;
}

/** `v1.2`, `1.2.0-rc.1` and `release 1.2` are versions; `1.2.0-rc.1` is older than `1.2.0`. */
const versionOf = (text: string): semver.SemVer | null =>
  semver.parse(text) ?? semver.coerce(text, { includePrerelease: true });
