import type { ActivityOptions } from '@temporalio/workflow';
import { proxyActivities } from '@temporalio/workflow';
import { describeStep } from '#domain/plan/describe-step.ts';
import { longestCheckMs } from '#domain/plan/gate-time.ts';
import type { GateStep } from '#domain/plan/steps.ts';
import type { FleetActivities, RollbackOutcome, RunRef } from '#domain/ports/fleet.port.ts';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { Breach } from '#domain/fleet/accept-breach.ts';
import type { CompensationStack } from '../runtime/compensation.ts';
import type { Controls } from '../runtime/controls.ts';
import { fleetEffect, gateCheck } from '../runtime/profiles.ts';
import type { RunRecord } from '../runtime/run-record.ts';
import type { StepTime } from '../runtime/step-time.ts';
import type { Watch } from '../runtime/watch.ts';

/** What every step of a run works with. */
export interface RunContext {
  readonly record: RunRecord;
  readonly controls: Controls;
  readonly watch: Watch;
  readonly stepTime: StepTime;
  readonly compensations: CompensationStack<RollbackOutcome>;
  /** Stops the run, or asks a person first, as its environment wants. */
  readonly onBreach: (breach: Breach) => void;
  /** Somebody resumed: the breach that they were asked about is accepted as it was seen. */
  readonly acceptBreach: (by: string) => void;
}

/** How a step ended. Bad ends are values; `evidence` names what was stored. */
export type StepOutcome =
  | { readonly kind: 'passed'; readonly summary: string; readonly facts?: StepFacts }
  /** Too few devices of a wave succeeded: the run pauses and a person decides. */
  | { readonly kind: 'short'; readonly summary: string }
  /** What this step is for is not done, and no later step would do it: the run pauses, then takes the step again. */
  | { readonly kind: 'unfinished'; readonly summary: string; readonly facts?: StepFacts }
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

/** The fleet's activities on this run's queue, with what people read beside them. */
export function fleetActivities(
  { record }: Pick<RunContext, 'record'>,
  summary: string,
  profile: Omit<ActivityOptions, 'taskQueue'> = fleetEffect,
): FleetActivities {
  return proxyActivities<FleetActivities>({ ...profile, taskQueue: record.input.queues.fleet, summary });
}

export function gateActivities({ record }: Pick<RunContext, 'record'>, step: GateStep): GateActivities {
  const summary = describeStep(step);
  return proxyActivities<GateActivities>({
    ...gateCheck(longestCheckMs(step.check)),
    taskQueue: record.input.queues.telemetry,
    summary,
  });
}
