import type { ApprovalDecision, ApprovalPolicy } from '../approvals/approval.ts';
import type { Reminded } from '../approvals/reminders.ts';
import type { Iso } from '../time.ts';
import type { WaveCounts } from '../fleet/counts.ts';
import type { RollbackCriteria } from '../plan/plan-base.ts';
import type { CommandEnvelope } from './commands.ts';
import type { RunState } from './run-state.ts';

/** A gate that waits for people. */
export interface WaitingGate {
  readonly gate: string;
  readonly opens: string;
  readonly policy: ApprovalPolicy;
  readonly since: Iso;
  readonly expiresAt: Iso | null;
  readonly decisions: readonly ApprovalDecision[];
  /** Left out: not yet. */
  readonly reminded?: Reminded;
}

/** A gate that the run has not passed yet, and what settles it besides its own check. */
export interface OpenGate {
  readonly id: string;
  /** `check`: may be overridden. `built-in`: nobody may. `people`: they approve or reject, nothing else. */
  readonly settledBy: 'check' | 'built-in' | 'people';
}

export interface WaveView {
  readonly wave: number;
  readonly label: string;
  readonly state: 'waiting' | 'offering' | 'passed' | 'short' | 'stopped';
  readonly counts: WaveCounts | null;
}

export interface StepView {
  readonly index: number;
  readonly id: string;
  readonly summary: string;
  /** When this attempt at it began. */
  readonly since: Iso;
}

/** Why a run goes no further forward: the first reason wins. */
export type Interrupt =
  | { readonly why: 'breach'; readonly summary: string; readonly evidence: string | null }
  | {
      readonly why: 'roll-back';
      readonly by: string;
      readonly reason: string;
      /** Missing in runs from before it was told. */
      readonly via?: CommandEnvelope['via'];
    }
  | { readonly why: 'unanswered'; readonly summary: string }
  | { readonly why: 'cancel'; readonly by: string; readonly reason: string };

/** What is delivered. */
export interface RunSubject {
  readonly kind: 'firmware' | 'application' | 'release';
  readonly name: string;
  readonly version: string;
}

/** Who serves, as the run last saw it. */
export interface TrafficView {
  /** Null until the run has prepared its release. */
  readonly release: number | null;
  readonly before: { readonly release: number; readonly version: string; readonly instances: number } | null;
  /** Of the new version. */
  readonly weightBasisPoints: number;
  readonly instances: { readonly wanted: number; readonly started: number; readonly ready: number };
  readonly isHolding: boolean;
  /** Where clients reach the application: `host:port`. */
  readonly address: string | null;
}

/** One application of a release of several. */
export interface MemberView {
  readonly application: string;
  readonly version: string;
  readonly wave: number;
  /** `left`: what of it could not be taken back stands in `detail`. */
  readonly state: 'waiting' | 'under-way' | 'completed' | 'ended-badly' | 'taking-back' | 'taken-back' | 'left';
  /** Its own run; null until its wave begins. */
  readonly run: string | null;
  /** The run that takes it back; null where none does. */
  readonly back: string | null;
  readonly detail: string;
}

/** What a run says of itself: the answer of every command and of the query `runState`. */
export interface RunView {
  readonly run: string;
  readonly planId: string;
  readonly digest: string;
  readonly name: string;
  readonly author: string;
  readonly environment: string;
  readonly subject: RunSubject;
  readonly state: RunState;
  /** 0-based position in the plan's steps; null before the first and after the last. */
  readonly step: StepView | null;
  readonly steps: number;
  readonly startedAt: Iso;
  readonly waiting: WaitingGate | null;
  /** None where it is no fleet that is rolled out to. */
  readonly waves: readonly WaveView[];
  /** Null where it is a fleet. */
  readonly traffic: TrafficView | null;
  /** In the order in which they go out; left out where it is no release of several applications. */
  readonly members?: readonly MemberView[];
  readonly interrupt: Interrupt | null;
  /** Pause was accepted; the step under way still has to reach its safe point. */
  readonly pausing: boolean;
  readonly openGates: readonly OpenGate[];
  /** Whose word passes a gate that failed. */
  readonly approverRole: string;
  /** What is watched from the first effect on; a breach that somebody accepted is no longer in it. */
  readonly criteria: RollbackCriteria;
  /** Left out: it asks no policy rules. */
  readonly asksPolicy?: true;
}

/** It goes back, or has been told to stop going forward; false for a run that nobody has heard of yet. */
export const isTurningBack = (view: Pick<RunView, 'interrupt' | 'state'> | null): boolean =>
  view !== null && (Boolean(view.interrupt) || view.state.phase === 'rolling-back');
