import type { Decision } from '../approvals/approval.ts';

/** Who asks what of a run, and why. `commandId` makes it idempotent: the same id again gets the same answer and does nothing. */
export interface CommandEnvelope {
  readonly commandId: string;
  readonly by: string;
  readonly via: 'cli' | 'http' | 'slack' | 'engine' | 'emergency';
  /** False until people sign in: `by` is what somebody said of themselves. */
  readonly verified: boolean;
  readonly reason: string;
}

export interface GateDecision extends CommandEnvelope {
  /** The gate meant; null means the one that waits. */
  readonly gate: string | null;
  readonly decision: Decision;
  /** The digest of the plan that the person saw; null when they did not say. */
  readonly digest: string | null;
  readonly roles: readonly string[];
}

/** Lets a run pass a gate whose check fails or cannot be made. */
export interface GateOverride extends CommandEnvelope {
  readonly gate: string;
  readonly roles: readonly string[];
}

/** Lets a run go on although its window is closed, its time has not come, or its environment is frozen. */
export interface StartNow extends CommandEnvelope {
  readonly roles: readonly string[];
  /** The freeze that was in force when the person said so: the run does not know of it. */
  readonly freeze?: number;
}

/** The commands every run offers, by the name of its update, signal and refusal. */
export interface RunCommands {
  readonly pauseRun: CommandEnvelope;
  readonly resumeRun: CommandEnvelope;
  readonly cancelRun: CommandEnvelope;
  readonly rollBackRun: CommandEnvelope;
  readonly decideGate: GateDecision;
  readonly overrideGate: GateOverride;
  readonly startRunNow: StartNow;
}
export type CommandName = keyof RunCommands;
export type AnyCommand = RunCommands[CommandName];

/** What each command does, in words. */
export const COMMAND_WORDS: Readonly<Record<CommandName, string>> = {
  pauseRun: 'pause',
  resumeRun: 'resume',
  cancelRun: 'cancel',
  rollBackRun: 'roll back',
  decideGate: 'decide',
  overrideGate: 'override',
  startRunNow: 'start now',
};

export const COMMAND_NAMES = Object.keys(COMMAND_WORDS) as readonly CommandName[];
