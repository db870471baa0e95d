import { listArtifacts } from '../../../activities/adapters/postgres/artifacts.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { leadsBack } from '#domain/fleet/way-back.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import { isMisfit, type DeviceKind } from './select-targets.ts';

export interface NoWayBack {
  readonly devices: number;
  /** `edge 0.9.0 on edge-a` */
  readonly versions: readonly string[];
}

/**
 * The devices that could not be taken back, null when there is none: those on another version than the new one, and fit
 * for it, for whose present firmware there is no artifact of the same name that fits their hardware.
 */
export async function findNoWayBack(
  pool: Pool,
  firmware: PlannedFirmware,
  kinds: readonly DeviceKind[],
): Promise<NoWayBack | null> {
  const leaving = kinds.filter((kind) => kind.firmware !== firmware.version && !isMisfit(kind, firmware));
  const versions = [...new Set(leaving.map((kind) => kind.firmware))];
  const artifacts = await listArtifacts(pool, { name: firmware.name, versions });
  const hasArtifact = (kind: DeviceKind): boolean => artifacts.some((one) => leadsBack(one, kind));
  const stranded = leaving.filter((kind) => !hasArtifact(kind));
  if (stranded.length === 0) return null;
  return {
    devices: stranded.reduce((sum, { devices }) => sum + devices, 0),
    versions: stranded.map((kind) => `${firmware.name} ${kind.firmware} on ${kind.hardware}`),
  };
}
