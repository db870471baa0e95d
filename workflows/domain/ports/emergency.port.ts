import type { EmergencyHold } from '../emergency/emergency-hold.ts';
import type { EmergencyReport, StoppedRun } from '../emergency/emergency.ts';
import type { WaysBack } from '../emergency/plan-ways-back.ts';
import type { JournalEntry } from '../journal/journal-entry.ts';
import type { Starter } from '../run/run-input.ts';
import type { Phase } from '../run/run-state.ts';
import type { Iso } from '../time.ts';

export interface EmergencyRef {
  readonly id: string;
  readonly environment: string;
}

export interface StopRunsInput extends EmergencyRef {
  readonly startedBy: Starter;
  /** Those that are open then are left; by the server's clock. */
  readonly untilAt: Iso;
}

export interface StoppedRuns {
  /** At most so many as a report lists; those that did not stop well come first. */
  readonly runs: readonly StoppedRun[];
  readonly counts: EmergencyReport['runCounts'];
}

export interface PlanWaysBackInput extends EmergencyRef {
  readonly to: Iso | null;
}

/** A rollback run whose ids were chosen before, so that starting it again starts nothing. */
export interface StartRollbackInput {
  readonly run: string;
  readonly planId: string;
  readonly environment: string;
  readonly application: string;
  /** One of those that were stable. */
  readonly release: number;
  readonly startedBy: Starter;
  /** Where its workflow and all its activities go. */
  readonly queue: string;
}

export interface RunEnded {
  readonly phase: Phase;
  readonly reason: string;
  /** Its starter was away for too long between the row and the start: nothing of it ever was. */
  readonly isNeverStarted: boolean;
}

export interface RecordEmergencyInput {
  readonly run: string;
  readonly entries: readonly JournalEntry[];
  readonly view: EmergencyReport;
}

/** Implemented by `activities/emergency`; queue `emergency`. */
export interface EmergencyActivities {
  /** From its return on the environment's coordinator lets nobody begin but ways back. */
  takeHold(input: { readonly environment: string; readonly hold: EmergencyHold }): Promise<void>;
  /** One look per attempt: tells every open run to stop; fails benignly until all have, or the time is over. */
  stopRuns(input: StopRunsInput): Promise<StoppedRuns>;
  planWaysBack(input: PlanWaysBackInput): Promise<WaysBack>;
  /** Starts a rollback run, once. */
  startRollback(input: StartRollbackInput): Promise<void>;
  /** One look per attempt; fails benignly until the run is closed. */
  awaitRun(input: { readonly run: string }): Promise<RunEnded>;
  /** Writes entries of its journal and the report as it stands, in one transaction; what is there already is left as it is. */
  recordEmergency(input: RecordEmergencyInput): Promise<void>;
  /** Gives the environment back. Repeated freely. */
  endEmergency(input: EmergencyRef & { readonly at: Iso }): Promise<void>;
}
