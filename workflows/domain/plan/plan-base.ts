import type { PlanId } from '../ids.ts';
import type { Iso } from '../time.ts';
import type { HealthCheck } from './health-check.ts';
import type { Step } from './steps.ts';

/** The version of the plan's shape; fields are only added, a reader refuses a newer version. */
export const PLAN_SCHEMA_VERSION = 1;

/** What every plan has, whatever it deploys to. */
export interface PlanBase {
  readonly schema: typeof PLAN_SCHEMA_VERSION;
  readonly planId: PlanId;
  readonly name: string;
  readonly description: string;
  readonly author: string;
  readonly createdAt: Iso;
  readonly environment: PlanEnvironment;
  /** The environment the version was tried in before, as given; recorded only. */
  readonly sourceEnvironment: string | null;
  /** What it repeats, byte for byte; left out: it was not promoted. */
  readonly promotedFrom?: PromotedFrom;
  readonly steps: readonly Step[];
  readonly watch: WatchPlan;
  /** Left out: its runs begin when they are started. */
  readonly schedule?: PlannedSchedule;
  /** What was accepted at planning although a rule speaks against it, with the reason. */
  readonly overrides: readonly { readonly rule: string; readonly by: string; readonly reason: string }[];
}

/** The run that a version completed in another environment before. */
export interface PromotedFrom {
  readonly environment: string;
  readonly run: string;
  /** Of the image, `sha256:…`, or the SHA-256 of the firmware. */
  readonly digest: string;
}

/** When the runs of a plan begin to change anything. */
export interface PlannedSchedule {
  readonly startAt: Iso;
  /** After it nothing further begins without asking; null: never too late. */
  readonly durationMs: number | null;
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
  /** Slower than the version beside it by more: watched of applications, recorded of fleets. */
  readonly performanceDegradationPercent?: number;
  /** So many reports of users roll back; 0 counts as 1. */
  readonly userReportedIssues?: number;
  /** False: the measurement loops of the analysis were accepted as they stand. */
  readonly onAnalysis?: boolean;
}
