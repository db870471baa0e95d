import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { SlotOperation } from '../fleet/slot-operation.ts';
import type { HealthCheck, TextsOrSecrets } from './health-check.ts';
import type { Hook } from './hook.ts';

/** The eight gates of the specification. */
export const GATE_NAMES = [
  'firmware_validation',
  'device_compatibility_check',
  'security_scan',
  'performance_test',
  'health_check',
  'functionality_test',
  'performance_validation',
  'user_acceptance_test',
] as const;

/** What a gate runs. `none` is evaluated to `not_evaluated`. */
export type GateCheck =
  | { readonly run: 'firmware_validation' }
  | { readonly run: 'device_compatibility_check' }
  | { readonly run: 'health_check'; readonly checks: readonly HealthCheck[] }
  | {
      readonly run: 'command';
      readonly command: readonly string[];
      readonly timeoutMs: number;
      /** Given to the command beside what Sluice itself tells it. */
      readonly env?: TextsOrSecrets;
    }
  | { readonly run: 'http'; readonly check: HealthCheck }
  | { readonly run: 'manual'; readonly policy: ApprovalPolicy }
  /** The image is the planned one, and what the environment asks to stand beside it is there. */
  | { readonly run: 'image_validation'; readonly requires: readonly ('signature' | 'sbom')[] }
  /** Load on the staged instances, which nobody uses yet. */
  | { readonly run: 'load_test'; readonly load: LoadTest }
  /** The judge over what was measured since the last shift. */
  | { readonly run: 'canary_analysis' }
  | { readonly run: 'none' };

export interface LoadTest {
  readonly path: string;
  readonly durationMs: number;
  readonly requestsPerSecond: number;
  readonly maximumFailedPercent: number;
  /** Of the 99th percentile; null judges failures alone. */
  readonly maximumP99Ms: number | null;
}

export interface GateStep {
  readonly kind: 'gate';
  readonly id: string;
  readonly gate: string;
  readonly phase: 'pre' | 'post';
  readonly required: boolean;
  readonly check: GateCheck;
}

export interface ApproveStep {
  readonly kind: 'approve';
  readonly id: string;
  /** What it opens, as people read it: `wave 1 (10 %)`. */
  readonly opens: string;
  readonly policy: ApprovalPolicy;
}

/** Offers the new version to one wave of devices and waits until enough of them ended well. */
export interface OfferStep {
  readonly kind: 'offer';
  readonly id: string;
  /** 1-based. */
  readonly wave: number;
  readonly waves: number;
  /** `10 %`, `20 devices`, `stage on 100 %`. */
  readonly label: string;
  /** Left out: install. */
  readonly operation?: Exclude<SlotOperation, 'install'>;
  readonly deadlineMs: number;
  /** Left out: it may stand still for as long as it may take. */
  readonly progressDeadlineMs?: number;
  readonly successThresholdPercent: number;
  /** Null offers as fast as devices take it. */
  readonly maximumPerMinute: number | null;
}

export interface BakeStep {
  readonly kind: 'bake';
  readonly id: string;
  readonly wave: number;
  readonly durationMs: number;
  /** What it follows, where that is no wave: `25 % of the traffic`. */
  readonly after?: string;
}

/** Brings the planned image to every engine of the environment. */
export interface PullStep {
  readonly kind: 'pull';
  readonly id: string;
}

/** Creates and starts instances of the new version; none of them gets traffic yet. */
export interface StageStep {
  readonly kind: 'stage';
  readonly id: string;
  /** 1-based. */
  readonly replicas: readonly number[];
}

/** Waits until instances are ready by their own probe and lets the router know them. */
export interface VerifyStep {
  readonly kind: 'verify';
  readonly id: string;
  readonly replicas: readonly number[];
  /** `beside`: into the backend that does not serve. `among`: into the one that does, so they get traffic at once. */
  readonly join: 'beside' | 'among';
  readonly deadlineMs: number;
}

/** Moves traffic to the new version; all of it makes it the one in use. */
export interface ShiftStep {
  readonly kind: 'shift';
  readonly id: string;
  /** 1 to 10000. */
  readonly weightBasisPoints: number;
  readonly timeoutMs: number;
}

/** Drains, stops and removes instances of the version before until `keep` of them are left. */
export interface RetireStep {
  readonly kind: 'retire';
  readonly id: string;
  readonly keep: number;
}

/** Lets requests wait while nothing serves, or lets them go. */
export interface HoldStep {
  readonly kind: 'hold';
  readonly id: string;
  readonly action: 'begin' | 'end';
  readonly maximumMs: number;
}

export interface HookStep {
  readonly kind: 'hook';
  readonly id: string;
  readonly phase: 'before' | 'after';
  readonly hook: Hook;
}

/** Lets the applications of one wave go out at the same time, each in a run of its own, and waits until all are in use. */
export interface DeployStep {
  readonly kind: 'deploy';
  readonly id: string;
  /** 1-based. */
  readonly wave: number;
  readonly waves: number;
  readonly members: readonly string[];
}

export type ReleaseStep = PullStep | StageStep | VerifyStep | ShiftStep | RetireStep | HoldStep | HookStep;

export type Step = GateStep | ApproveStep | OfferStep | BakeStep | ReleaseStep | DeployStep;
