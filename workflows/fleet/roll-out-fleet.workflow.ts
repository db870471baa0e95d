import { ApplicationFailure, proxyActivities } from '@temporalio/workflow';
import { errorReport } from '#domain/errors/failure.ts';
import type { Breach } from '#domain/fleet/accept-breach.ts';
import { planProblem } from '#domain/run/plan-problem.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import type { RollbackOutcome } from '#domain/ports/fleet.port.ts';
import { Breaches } from '../deploy/breaches.ts';
import { executePlan } from '../deploy/execute-plan.ts';
import { failAtOnce } from '../deploy/endings.ts';
import type { RunContext } from '../deploy/run-context.ts';
import { pauseEffects } from '../deploy/pause-effects.ts';
import { CompensationStack } from '../runtime/compensation.ts';
import { Controls } from '../runtime/controls.ts';
import { answerMessages } from '../runtime/handlers.ts';
import { journaling } from '../runtime/profiles.ts';
import { RunRecord } from '../runtime/run-record.ts';
import { StepTime } from '../runtime/step-time.ts';
import { Watch } from '../runtime/watch.ts';

/** Rolls one firmware out to a fleet as its plan says, and back when it goes bad. Returns the phase in which it closed. */
export async function rollOutFleet(input: RunInput): Promise<RunResult> {
  const problem = whyNotUnderstood(input);
  const run = begin(input, problem);
  answerMessages({ record: run.record, controls: run.controls, onResume: (who) => run.acceptBreach(who) });
  return problem === null ? executePlan(run) : failAtOnce(run, problem);
}

function whyNotUnderstood(input: RunInput): string | null {
  const why = planProblem(input?.plan);
  return why === null ? null : errorReport('PLAN_NOT_UNDERSTOOD', { plan: String(input?.plan?.planId), why }).message;
}

/** A plan that is not understood is not read any further; an input that cannot even be named closes the run here. */
function begin(input: RunInput, problem: string | null): RunContext {
  try {
    const run = build(problem === null ? input : { ...input, plan: { ...input.plan, steps: [], waves: [] } });
    const { by, via, verified, reason } = input.startedBy;
    const data = { by, via, verified, reason, digest: input.digest };
    run.record.journal.record('run-started', `started by ${by}`, data, 'later');
    run.record.move({ type: 'started' }, `started by ${by}`);
    return run;
  } catch (error) {
    // Any other error would fail the workflow task, and that for ever.
    throw ApplicationFailure.nonRetryable(
      `${problem ?? 'the input is not understood'}: ${String(error)}`,
      'PLAN_NOT_UNDERSTOOD',
    );
  }
}

function build(input: RunInput): RunContext {
  const journal = proxyActivities<JournalActivities>({
    ...journaling,
    taskQueue: input.queues.data,
    summary: 'journal',
  });
  const record = new RunRecord(input, journal);
  const compensations = new CompensationStack<RollbackOutcome>();
  const controls = new Controls(record, pauseEffects(record, compensations));
  const breaches = new Breaches(record, controls);
  const onBreach = (breach: Breach): void => breaches.meet(breach);
  const { plan, digest, run, queues } = input;
  const watch = new Watch(
    { run, planId: plan.planId, digest },
    { plan: plan.watch, queue: queues.telemetry, onBreach },
  );
  const acceptBreach = (by: string): void => breaches.accept(by, watch);
  return { record, controls, watch, onBreach, acceptBreach, stepTime: new StepTime(), compensations };
}
