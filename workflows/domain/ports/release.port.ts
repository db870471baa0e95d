import type { Arm } from '../containers/route.ts';
import type { Breach } from '../fleet/accept-breach.ts';
import type { WatchPlan } from '../plan/plan-base.ts';
import type { Iso } from '../time.ts';
import type { Hook } from '../plan/hook.ts';
import type { RunRef } from './fleet.port.ts';
import type { AppendJournalInput } from './journal.port.ts';

/** The run's place: which release it makes, and what served before it. */
export interface PreparedRelease {
  readonly release: number;
  /** Of every effect of this run; a lower one is refused by the router and by the engines. */
  readonly generation: number;
  readonly arm: Arm;
  readonly before: ReleaseBefore | null;
  readonly address: { readonly host: string; readonly port: number };
}

export interface ReleaseBefore {
  readonly release: number;
  readonly version: string;
  readonly arm: Arm;
  readonly replicas: number;
}

/** A run at an effect. What its journal has not stored yet travels along, and is stored before the effect begins. */
export interface EffectRef extends RunRef {
  readonly journal?: AppendJournalInput;
}

export interface InstancesInput extends EffectRef {
  readonly step: string;
  /** 1-based. */
  readonly replicas: readonly number[];
}

/** An effect that must not come on top of a breach looks first; null: there is nothing to look at, or it has been done. */
export interface LookingFirst extends EffectRef {
  readonly look: WatchPlan | null;
}

/** Among those in use an instance gets traffic by joining them; beside them there is nothing to look for. */
export interface VerifyInput extends InstancesInput, LookingFirst {
  readonly join: 'beside' | 'among';
  readonly deadlineAt: Iso;
}

export interface ShiftInput extends LookingFirst {
  readonly weightBasisPoints: number;
  readonly deadlineAt: Iso;
}

/** How an effect on instances or traffic came out; bad is a value, its evidence is stored before anything is torn down. */
export type ReleaseOutcome =
  | { readonly kind: 'done'; readonly summary: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unhealthy'; readonly summary: string; readonly evidence: string | null };

export interface RetireInput extends LookingFirst {
  /** Instances that stay. */
  readonly keep: number;
}

/** Of an effect that looks first. When the look is not good, or saw nothing in its short time, nothing was done. */
export type WatchedOutcome =
  | ReleaseOutcome
  | { readonly kind: 'breach'; readonly breach: Breach }
  | { readonly kind: 'unseen'; readonly why: string };

export interface UndoInput extends RunRef {
  readonly reason: string;
  readonly deadlineAt: Iso;
}

/** `left`: containers that could not be removed, or instances of the old version that could not be brought back. */
export interface ReleaseUndone {
  readonly summary: string;
  readonly left: number;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface HookInput extends EffectRef {
  readonly step: string;
  readonly hook: Hook;
  readonly action: 'action' | 'compensation';
}

/** Implemented by `activities/containers`; queue `docker`. All are idempotent by (run, step, replica) and observe first. */
export interface ReleaseActivities {
  /** Gives the run its release number, generation and backend, once. Throws RELEASE_OUTDATED when the plan no longer fits what runs. */
  prepareRelease(input: EffectRef): Promise<PreparedRelease>;
  pullImage(input: EffectRef): Promise<ReleaseOutcome>;
  stageInstances(input: InstancesInput): Promise<ReleaseOutcome>;
  verifyInstances(input: VerifyInput): Promise<WatchedOutcome>;
  shiftTraffic(input: ShiftInput): Promise<WatchedOutcome>;
  /** Drains, stops and removes instances of the version before until `keep` are left. */
  retireInstances(input: RetireInput): Promise<WatchedOutcome>;
  holdRequests(input: EffectRef & { readonly until: Iso }): Promise<ReleaseOutcome>;
  releaseRequests(input: EffectRef): Promise<ReleaseOutcome>;
  /** Records that the release is in use and stable, and which ones are no longer kept. */
  promoteRelease(input: LookingFirst): Promise<WatchedOutcome>;
  /** Makes the version before serve again: by the switch alone while its instances run, else it starts them first. */
  returnTraffic(input: UndoInput): Promise<ReleaseUndone>;
  /** Drains and removes what this run created. */
  removeInstances(input: UndoInput): Promise<ReleaseUndone>;
  runHook(input: HookInput): Promise<ReleaseOutcome>;
}
