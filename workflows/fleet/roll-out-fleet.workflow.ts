import { proxyActivities } from '@temporalio/workflow';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import { describeBreach, executePlan } from '../deploy/execute-plan.ts';
import type { RollbackOutcome } from '#domain/ports/fleet.port.ts';
import type { RunContext } from '../deploy/run-context.ts';
import { pauseEffects } from '../deploy/pause-effects.ts';
import { CompensationStack } from '../runtime/compensation.ts';
import { Controls } from '../runtime/controls.ts';
import { answerMessages } from '../runtime/handlers.ts';
import { journaling } from '../runtime/profiles.ts';
import { RunRecord } from '../runtime/run-record.ts';
import { StepTime } from '../runtime/step-time.ts';
import { Watch, type Breach } from '../runtime/watch.ts';

/** Rolls one firmware out to a fleet as its plan says, and back when it goes bad. Returns the phase in which it closed. */
export async function rollOutFleet(input: RunInput): Promise<RunResult> {
  const run = build(input);
  const { by, via, reason } = input.startedBy;
  run.record.journal.record('run-started', `started by ${by}`, { by, via, reason, digest: input.digest }, 'later');
  run.record.move({ type: 'started' }, `started by ${by}`);
  answerMessages({ record: run.record, controls: run.controls, onResume: () => run.acceptBreach() });
  return executePlan(run);
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
  let standing: Breach | undefined;
  const { plan, digest, run, queues } = input;
  const onBreach = (breach: Breach): void => {
    const summary = describeBreach(breach);
    const evidence = breach.kind === 'unhealthy' ? breach.evidence : null;
    record.journal.record('breach', summary, { evidence });
    if (plan.environment.autoRollback) return controls.stop({ why: 'breach', summary, evidence });
    standing = breach;
    controls.ask(`${summary}: resume, roll back or cancel?`, plan.environment.rollbackTimeoutMs);
  };
  const watch = new Watch(
    { run, planId: plan.planId, digest },
    { plan: plan.watch, queue: queues.telemetry, onBreach },
  );
  const acceptBreach = (): void => {
    if (standing) watch.accept(standing);
    standing = undefined;
  };
  return {
    record,
    controls,
    watch,
    onBreach,
    acceptBreach,
    stepTime: new StepTime(),
    compensations,
  };
}
