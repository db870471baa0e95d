import type { ApprovalDecision } from '../approvals/approval.ts';
import type { ReminderRules } from '../approvals/reminders.ts';
import type { PlaceWish } from '../coordination/place.ts';
import type { RunPlan } from '../plan/run-plan.ts';
import type { RunQueues } from '../queues.ts';
import type { RunSchedule } from '../windows/clearance.ts';
import type { DeploymentWindow } from '../windows/window.ts';

/** Who started a run, by which way, and why. `verified` as in every command. */
export interface Starter {
  readonly by: string;
  readonly via: string;
  readonly verified: boolean;
  readonly reason: string;
}

/** The input of every run workflow. Fields are only added. */
export interface RunInput {
  readonly schema: 1;
  readonly run: string;
  readonly plan: RunPlan;
  /** Of the whole plan, names of devices included. */
  readonly digest: string;
  readonly startedBy: Starter;
  /** Decisions given on the plan before the start; they count for the first approval. */
  readonly decisions: readonly ApprovalDecision[];
  readonly queues: RunQueues;
  /** Of the environment when the run was started; left out: always open. */
  readonly windows?: readonly DeploymentWindow[];
  /** Left out: at once, and for as long as it takes. */
  readonly schedule?: RunSchedule;
  /** Of the environment when the run was started. Left out: nobody who is asked is reminded. */
  readonly reminders?: ReminderRules;
  /** What it wants of its environment's coordinator. Missing in runs that were started before there was one. */
  readonly place?: PlaceWish;
  /** Its environment had policy rules when it was started: asked before each step. Left out: until it is told of some. */
  readonly asksPolicy?: true;
  /**
   * Its start is told once: whoever started it says under which phase it is found, and where it begins with an approval, both
   * are stored in one batch. Missing in runs that were started before: it says so itself, and at once.
   */
  readonly startTold?: 'once';
}

/** The result of a run workflow; `phase` is the closed phase. */
export interface RunResult {
  readonly phase: string;
  readonly reason: string;
  readonly left: number;
}
