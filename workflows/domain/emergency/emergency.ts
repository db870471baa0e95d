import type { Phase } from '../run/run-state.ts';
import type { RunSubject } from '../run/run-view.ts';
import type { Starter } from '../run/run-input.ts';
import type { Iso } from '../time.ts';

/** The workflow type of emergency rollbacks. */
export const EMERGENCY_WORKFLOW = 'rollBackEnvironment';
/** Its query for the report as it stands. */
export const REPORT_QUERY = 'emergencyReport';

const PREFIX = 'emergency/';
const ID = /^emg_[0-9A-Za-z]{1,45}$/;

export const emergencyWorkflowId = (id: string): string => `${PREFIX}${id}`;

/** The id behind `emg_…` or `emergency/emg_…`; null when it is neither. */
export function emergencyIdFrom(text: string): string | null {
  const bare = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  return ID.test(bare) ? bare : null;
}

/** The input of the rollback of a whole environment. Fields are only added. */
export interface EmergencyInput {
  readonly schema: 1;
  readonly id: string;
  readonly environment: string;
  /** The state that was stable at that moment; null: of each application the release before. */
  readonly to: Iso | null;
  readonly startedBy: Starter;
  /** Where its activities go, and its ways back with theirs. */
  readonly queue: string;
  /** For so long runs may stop before the rest goes on without them. */
  readonly patienceMs: number;
  /** A run that has not stopped by then is left, and named. */
  readonly giveUpAfterMs: number;
}

/** What became of a run that was open when the emergency began. */
export type RunEnd =
  /** It had changed nothing yet. */
  | 'cancelled'
  | 'rolled-back'
  /** It ended before it could be stopped. */
  | 'completed'
  /** It was a way back itself, and was waited for. */
  | 'came-back'
  /** It had begun, and was cut short or could not take everything back. */
  | 'incomplete'
  | 'open';

export interface StoppedRun {
  readonly run: string;
  readonly subject: RunSubject;
  /** Of an application, once it has one. */
  readonly release: number | null;
  readonly end: RunEnd;
  readonly phase: Phase;
  /** In one line; empty when there is nothing to say. */
  readonly reason: string;
}

export interface NamedRelease {
  readonly release: number;
  readonly version: string;
}

/** How an application stands. */
export type BackState = 'waiting' | 'going-back' | 'back' | 'unchanged' | 'failed' | 'left';

export interface ApplicationBack {
  readonly application: string;
  /** What was in use, or on its way, when the emergency began; null: nothing. */
  readonly from: NamedRelease | null;
  readonly to: NamedRelease | null;
  readonly state: BackState;
  /** The run that took it back: its own, or one that was started for it. */
  readonly run: string | null;
  readonly startedAt: Iso | null;
  readonly endedAt: Iso | null;
  readonly why: string;
}

/** What is not as it should be, and what a person can do. */
export interface LeftBehind {
  readonly what: string;
  readonly why: string;
  readonly todo: string;
}

export type EmergencyStage = 'taking-hold' | 'stopping-runs' | 'taking-back' | 'ended';

/** How the rollback of an environment stands; after its end the report on it. */
export interface EmergencyReport {
  readonly schema: 1;
  readonly id: string;
  readonly environment: string;
  readonly to: Iso | null;
  readonly by: string;
  readonly reason: string;
  readonly stage: EmergencyStage;
  readonly startedAt: Iso;
  readonly endedAt: Iso | null;
  /** Runs that were open when it began, as far as they are listed: those that did not stop well come first. */
  readonly runs: readonly StoppedRun[];
  readonly runCounts: Readonly<Record<RunEnd, number>>;
  readonly applications: readonly ApplicationBack[];
  readonly left: readonly LeftBehind[];
}

export const NO_RUNS: EmergencyReport['runCounts'] = {
  cancelled: 0,
  'rolled-back': 0,
  completed: 0,
  'came-back': 0,
  incomplete: 0,
  open: 0,
};
