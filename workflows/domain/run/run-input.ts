import type { ApprovalDecision } from '../approvals/approval.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { RunQueues } from '../queues.ts';

/** The input of every run workflow. Fields are only added. */
export interface RunInput {
  readonly schema: 1;
  readonly run: string;
  readonly plan: RunPlan;
  /** Of the whole plan, names of devices included. */
  readonly digest: string;
  /** `verified: false` until people sign in. */
  readonly startedBy: {
    readonly by: string;
    readonly via: string;
    readonly reason: string;
    readonly verified?: boolean;
  };
  /** Decisions given on the plan before the start; they count for the first approval. */
  readonly decisions: readonly ApprovalDecision[];
  readonly queues: RunQueues;
}

/** The result of a run workflow; `phase` is the closed phase. */
export interface RunResult {
  readonly phase: string;
  readonly reason: string;
  readonly left: number;
}
