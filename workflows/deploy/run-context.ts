import { proxyActivities } from '@temporalio/workflow';
import { describeStep } from '#domain/plan/describe-step.ts';
import { longestCheckMs } from '#domain/plan/gate-time.ts';
import type { GateStep, Step } from '#domain/plan/steps.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { Breach } from '#domain/fleet/accept-breach.ts';
import type { Compensation, CompensationStack } from '../runtime/compensation.ts';
import type { Controls, PauseEffects } from '../runtime/controls.ts';
import { gateCheck } from '../runtime/profiles.ts';
import type { Place } from '../runtime/place.ts';
import type { RunRecord } from '../runtime/run-record.ts';
import type { StepTime } from '../runtime/step-time.ts';
import type { Watch } from '../runtime/watch.ts';
import type { Left, TargetStep, Undone } from './run-target.ts';

/** What every step of a run works with. */
export interface RunContext {
  readonly record: RunRecord;
  readonly controls: Controls;
  readonly watch: Watch;
  readonly place: Place;
  readonly stepTime: StepTime;
  readonly target: RunTarget;
  readonly compensations: CompensationStack<Undone>;
  /** Stops the run, or asks a person first, as its environment wants. */
  readonly onBreach: (breach: Breach) => void;
  /** Somebody resumed: the breach that they were asked about is accepted as it was seen. */
  readonly acceptBreach: (by: string) => void;
}

/** What a run does to that which it deploys to: devices or containers. Nothing here may keep a run from its end. */
export interface RunTarget {
  /** What is counted: `device`, `container`. */
  readonly noun: string;
  readonly pauseEffects: PauseEffects;
  /** True for a step that must not come on top of a breach, and does not look itself before it begins. */
  readonly isEffect: (step: Step) => boolean;
  /** True for a step whose activity stores the run's journal before it begins. */
  readonly carriesJournal: (step: Step) => boolean;
  runStep(step: TargetStep, run: RunContext): Promise<StepOutcome>;
  /** Looks once more and records at the target that all is well; null where there is nothing to record. */
  readonly promote: ((run: RunContext) => Promise<Breach | null>) | null;
  /** Stops; the result is null, or why that could not be done and how things stand. */
  cancel(run: RunContext, reason: string): Promise<string | null>;
  /** An effect could not be undone: what there is left of it. */
  leaveBehind(run: RunContext, entry: Compensation<Undone>, problem: string): Promise<Left>;
  /** Nobody answered: nothing more is done, and what stays on the new version is listed. */
  leave(run: RunContext): Promise<Left>;
}

/** How a step ended. Bad ends are values; `evidence` names what was stored. */
export type StepOutcome =
  | { readonly kind: 'passed'; readonly summary: string; readonly facts?: StepFacts }
  /** Too few devices of a wave succeeded: the run pauses and a person decides. */
  | { readonly kind: 'short'; readonly summary: string }
  /** What this step is for is not done, and no later step would do it: the run pauses, then takes the step again. */
  | { readonly kind: 'unfinished'; readonly summary: string; readonly facts?: StepFacts }
  /** A rule of the environment keeps it from beginning: the run pauses, then asks again. */
  | { readonly kind: 'denied'; readonly summary: string }
  | { readonly kind: 'breach'; readonly breach: Breach }
  | { readonly kind: 'failed'; readonly summary: string; readonly facts?: StepFacts }
  | { readonly kind: 'rejected'; readonly summary: string }
  | { readonly kind: 'expired'; readonly summary: string };

/** What programs want to know of a step's end, as it stands in the journal. */
export type StepFacts = Readonly<Record<string, unknown>>;

export const runRef = ({ record }: Pick<RunContext, 'record'>): RunRef => ({
  run: record.input.run,
  planId: record.input.plan.planId,
  digest: record.input.digest,
});

export function gateActivities({ record }: Pick<RunContext, 'record'>, step: GateStep): GateActivities {
  const summary = describeStep(step);
  return proxyActivities<GateActivities>({
    ...gateCheck(longestCheckMs(step.check)),
    taskQueue: lookingQueue(record),
    summary,
  });
}

/** Who may look at what a run deploys to: only the docker worker reaches containers. */
export const lookingQueue = ({ input }: RunContext['record']): string =>
  input.plan.kind === 'container-release' ? input.queues.docker : input.queues.telemetry;
