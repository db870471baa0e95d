import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { errorReport } from '#domain/errors/failure.ts';
import type { Breach } from '#domain/fleet/accept-breach.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import { beginsByAsking } from '#domain/run/begins-by-asking.ts';
import { planProblem } from '#domain/run/plan-problem.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import { CompensationStack } from '../runtime/compensation.ts';
import { Controls, type PauseEffects } from '../runtime/controls.ts';
import { answerMessages } from '../runtime/handlers.ts';
import { noteFreezePassed } from '../runtime/note-freeze-passed.ts';
import { Place } from '../runtime/place.ts';
import { journaling } from '../runtime/profiles.ts';
import { RunRecord } from '../runtime/run-record.ts';
import { StepTime } from '../runtime/step-time.ts';
import { Watch } from '../runtime/watch.ts';
import { Breaches } from './breaches.ts';
import { failAtOnce } from './endings.ts';
import { executePlan } from './execute-plan.ts';
import { hasBegun, stepAside } from './step-aside.ts';
import { lookingQueue, type RunContext, type RunTarget } from './run-context.ts';
import type { Undone } from './run-target.ts';

/** A kind of run: which plans it takes and what they are carried out on. */
export interface RunKind {
  readonly plans: Plan['kind'];
  readonly target: (record: RunRecord, compensations: CompensationStack<Undone>) => RunTarget;
}

/** Carries out the plan of `input`; returns the phase in which the run closed. Every message is answered from the first task on. */
export async function carryOut(input: RunInput, kind: RunKind): Promise<RunResult> {
  const problem = whyNotUnderstood(input, kind);
  const run = begin(input, kind, problem);
  answerMessages({ record: run.record, controls: run.controls, onResume: (who) => run.acceptBreach(who) });
  return problem === null ? executePlan(run) : failAtOnce(run, problem);
}

function whyNotUnderstood(input: RunInput, { plans }: RunKind): string | null {
  const why = planProblem(input?.plan, plans);
  return why === null ? null : errorReport('PLAN_NOT_UNDERSTOOD', { plan: String(input?.plan?.planId), why }).message;
}

/** A plan that is not understood is not read any further; an input that cannot even be named closes the run here. */
function begin(input: RunInput, kind: RunKind, problem: string | null): RunContext {
  try {
    const run = build(problem === null ? input : { ...input, plan: unread(input.plan) }, kind);
    const { by, via, verified, reason } = input.startedBy;
    const data = { by, via, verified, reason, digest: input.digest };
    // Whoever has to ask for a place begins when it has one, and is heard of before: by what it asks people first, or alone.
    const isQueued = input.place !== undefined;
    const isHeardAtOnce = isQueued && !beginsByAsking(run.record.input);
    run.record.journal.record('run-started', `started by ${by}`, data, isHeardAtOnce ? 'now' : 'later');
    const passed = input.place?.passesFreeze;
    if (passed !== undefined) noteFreezePassed(run.record.journal, passed, input.startedBy);
    if (isQueued) run.record.show();
    else run.record.move({ type: 'started' }, `started by ${by}`);
    return run;
  } catch (error) {
    // Any other error would fail the workflow task, and that for ever.
    throw ApplicationFailure.nonRetryable(
      `${problem ?? 'the input is not understood'}: ${String(error)}`,
      'PLAN_NOT_UNDERSTOOD',
    );
  }
}

function unread(plan: RunInput['plan']): RunInput['plan'] {
  if ('waves' in plan) return { ...plan, steps: [], waves: [] };
  return plan.kind === 'joint-release' ? { ...plan, steps: [], members: [] } : { ...plan, steps: [] };
}

function build(input: RunInput, kind: RunKind): RunContext {
  const journal = proxyActivities<JournalActivities>({
    ...journaling,
    taskQueue: input.queues.data,
    summary: 'journal',
  });
  const record = new RunRecord(input, journal);
  const compensations = new CompensationStack<Undone>();
  const target = kind.target(record, compensations);
  const place = new Place(record);
  const controls = new Controls(
    record,
    pauseEffectsOf(target, () => context),
  );
  const breaches = new Breaches(record, controls);
  const onBreach = (breach: Breach): void => breaches.meet(breach);
  const { plan, digest, run } = input;
  const watch = new Watch(
    { run, planId: plan.planId, digest },
    {
      plan: plan.watch,
      queue: lookingQueue(record),
      sees: plan.kind === 'container-release' ? 'instances' : 'criteria',
      onBreach,
    },
  );
  const acceptBreach = (by: string): void => breaches.accept(by, watch);
  const said = { onBreach, acceptBreach };
  const context: RunContext = {
    record,
    controls,
    watch,
    place,
    ...said,
    stepTime: new StepTime(),
    target,
    compensations,
  };
  return context;
}

/** Others go first while a run is paused that has not begun; one that has keeps its place. */
function pauseEffectsOf({ pauseEffects }: RunTarget, context: () => RunContext): PauseEffects {
  return {
    hold: () => {
      const run = context();
      return run.place.isWanted && !hasBegun(run) ? stepAside(run) : pauseEffects.hold();
    },
    release: () => pauseEffects.release(),
  };
}
