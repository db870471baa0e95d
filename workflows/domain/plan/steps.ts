import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { HealthCheck, TextsOrSecrets } from './health-check.ts';

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
  | { readonly run: 'none' };

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
  /** `10 %`, `20 devices`. */
  readonly label: string;
  readonly deadlineMs: number;
  readonly successThresholdPercent: number;
  /** Null offers as fast as devices take it. */
  readonly maximumPerMinute: number | null;
}

export interface BakeStep {
  readonly kind: 'bake';
  readonly id: string;
  readonly wave: number;
  readonly durationMs: number;
}

export type Step = GateStep | ApproveStep | OfferStep | BakeStep;
