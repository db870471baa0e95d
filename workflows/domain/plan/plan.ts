import type { PlanId, Sha256 } from '../ids.ts';
import type { Iso } from '../time.ts';
import type { HealthCheck } from './health-check.ts';
import type { Step } from './steps.ts';

/** The version of the plan's shape; fields are only added, a reader refuses a newer version. */
export const PLAN_SCHEMA_VERSION = 1;

/** The immutable, digested list of steps that one run will take. Its digest is SHA-256 over its RFC 8785 form. */
export interface Plan {
  readonly schema: typeof PLAN_SCHEMA_VERSION;
  readonly planId: PlanId;
  readonly kind: 'fleet-rollout';
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly createdAt: Iso;
  readonly environment: PlanEnvironment;
  /** The environment the version was tried in before, as given; recorded only. */
  readonly sourceEnvironment: string | null;
  readonly strategy: FleetStrategy;
  readonly firmware: PlannedFirmware;
  readonly selection: DeviceSelection;
  readonly waves: readonly WaveSelection[];
  readonly steps: readonly Step[];
  readonly watch: WatchPlan;
  readonly confirmation: Confirmation;
  /** What was accepted at planning although a rule speaks against it, with the reason. */
  readonly overrides: readonly { readonly rule: string; readonly by: string; readonly reason: string }[];
}

export interface PlanEnvironment {
  readonly name: string;
  readonly stage: string;
  /** False: a breach pauses the run and asks. */
  readonly autoRollback: boolean;
  readonly rollbackTimeoutMs: number;
  /** The role of its approvers: whose word also passes a gate that failed. */
  readonly approverRole?: string;
}

export type FleetStrategy =
  | { readonly kind: 'canary'; readonly percentages: readonly number[] }
  | { readonly kind: 'rolling'; readonly batchPercent: number; readonly upToPercent: number }
  | { readonly kind: 'immediate'; readonly upToPercent: number };

export interface PlannedFirmware {
  readonly name: string;
  readonly version: string;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly signature: string;
  readonly hardware: readonly string[];
  readonly minimumVersion: string | null;
}

export interface DeviceSelection {
  /** Names of saved groups; empty means every device of the registry. */
  readonly groups: readonly string[];
  /** How many devices they held when the plan was made, and how many ran the version already. */
  readonly devices: number;
  readonly alreadyCurrent: number;
  /** Those that the firmware does not fit: in no wave, offered nothing. Left out when there are none. */
  readonly misfits?: number;
  /** Devices of each wave when the plan was made, those that ran the version already among them. */
  readonly waveDevices?: readonly number[];
  /** What they ran, most frequent first: the versions that a rollback returns to. */
  readonly present?: readonly { readonly firmware: string; readonly devices: number }[];
}

/** How the devices of a wave are chosen. Percentages are cumulative over all targets, rounded up, at least one device. */
export type WaveSelection =
  | { readonly kind: 'percent'; readonly percent: number }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'filter'; readonly filter: string }
  | { readonly kind: 'devices'; readonly things: readonly string[] };

/** How a device proves that it runs the new version. */
export interface Confirmation {
  /** `succeeded`: its SUCCEEDED after the reboot; `reported`: its reported version must match as well. */
  readonly mode: 'succeeded' | 'reported';
  /** From the end of the install to the confirmation. */
  readonly confirmWithinMs: number;
  /** From IN_PROGRESS to a terminal status. */
  readonly inProgressTimeoutMs: number;
}

/** What is watched from the first effect to the verdict. */
export interface WatchPlan {
  readonly everyMs: number;
  readonly criteria: RollbackCriteria;
  readonly healthChecks: readonly HealthCheck[];
}

export interface RollbackCriteria {
  /** Failed, rejected and timed-out devices in percent of those that ended; null watches no rate. */
  readonly maxFailureRatePercent: number | null;
  /** Devices that must have ended before the rate counts (or all offered, if that is fewer). */
  readonly minimumExecuted: number;
  readonly onHealthCheckFailure: boolean;
  /** The specification's other two criteria as given: recorded, not watched yet. */
  readonly performanceDegradationPercent?: number;
  readonly userReportedIssues?: number;
}
