import type { z } from 'zod';
import type { DeploymentWindow } from '../windows/window.ts';
import type { JointReleaseSpec } from './joint-release-spec.schema.ts';

/** What the configuration asks of releases of several applications. */
export interface JointReleaseRules {
  readonly needsApproval: boolean;
  /** When they may begin; null: when their environment may be deployed to. */
  readonly maintenance: MaintenanceWindow | null;
}

export interface MaintenanceWindow {
  /** `HH:MM`. */
  readonly startTime: string;
  readonly endTime: string;
  /** Null: that of the environment's windows. */
  readonly timezone: string | null;
}

/** The rules behind the section `release`; a part that is not enabled asks for nothing. */
export function jointReleaseRules(spec: z.output<typeof JointReleaseSpec> | undefined): JointReleaseRules {
  const { planning, scheduling } = spec ?? {};
  const written = scheduling?.enabled === true ? scheduling.maintenance_window : undefined;
  const [startTime = '', endTime = ''] = written?.split('-') ?? [];
  return {
    needsApproval: planning?.enabled === true && planning.approval_required,
    maintenance: written === undefined ? null : { startTime, endTime, timezone: scheduling?.timezone ?? null },
  };
}

const MAINTENANCE = 'maintenance_window';

/** Whose clock an environment lives by: that of its first window. */
export const zoneOf = (windows: readonly DeploymentWindow[]): string => windows[0]?.timezone ?? 'UTC';

/**
 * The windows that hold the start of a release in an environment: the maintenance window takes the place of those that
 * allow, what is denied stays denied. Once it has begun no window holds it: half a release out is worse than a late one.
 */
export function windowsOfStart(
  windows: readonly DeploymentWindow[],
  { maintenance }: Pick<JointReleaseRules, 'maintenance'>,
): readonly DeploymentWindow[] {
  if (maintenance === null) return windows;
  const { startTime, endTime } = maintenance;
  const timezone = maintenance.timezone ?? zoneOf(windows);
  const hours = { kind: 'daily', startTime, endTime, days: null } as const;
  return [{ name: MAINTENANCE, kind: 'allow', timezone, hours }, ...windows.filter(({ kind }) => kind === 'deny')];
}
