import { describeBreach, type Breach } from '#domain/fleet/accept-breach.ts';
import { describeStep } from '#domain/plan/describe-step.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { RunResult } from '#domain/run/run-input.ts';
import { askPolicy, asksPolicy, type PolicyAnswer } from './ask-policy.ts';
import { complete, endBadly, endInterrupted } from './endings.ts';
import { lookNow } from './look-now.ts';
import { isInLine, mustWait, takeTurn, untilMayBegin } from './place-in-line.ts';
import type { RunContext, StepOutcome } from './run-context.ts';
import { runApproval } from './steps/approve.step.ts';
import { runBake } from './steps/bake.step.ts';
import { runGate } from './steps/gate.step.ts';

/** What a step's end means for the run. */
type Next =
  { readonly go: 'on' } | { readonly go: 'again' } | { readonly go: 'out'; readonly end: () => Promise<RunResult> };

/** Walks the plan to its end, forward while all is well and back when it is not. */
export async function executePlan(run: RunContext): Promise<RunResult> {
  const { plan } = run.record.input;
  for (const [index, step] of plan.steps.entries()) {
    let next: Next = { go: 'again' };
    while (next.go === 'again') next = await take(run, step, index);
    if (next.go === 'out') return next.end();
  }
  const finish = run.target.promote ?? lookNow;
  let last: Next = { go: 'again' };
  // Again after a question, or after a pause that came while it was under way.
  while (last.go === 'again') last = await verdict(run, finish);
  return last.go === 'out' ? last.end() : complete(run);
}

const NOT_ASKED: PolicyAnswer = { kind: 'go', facts: {} };

/** One attempt at a step; `again` when it was held by a pause or a question. */
async function take(run: RunContext, step: Step, index: number): Promise<Next> {
  const { record, controls } = run;
  const taken = await controls.forward(async () => {
    // Asked first: a wait that is none would still let what was recorded before go first.
    const over = mustWait(step, run) ? await untilMayBegin(run, step) : null;
    if (over) return over;
    const asked = asksPolicy(run) ? await askPolicy(step, index, run) : NOT_ASKED;
    if (asked.kind === 'denied') return asked.outcome;
    const breach = await lookBefore(step, run);
    if (breach) return { kind: 'breach', breach } satisfies StepOutcome;
    record.enter({ index, id: step.id, summary: describeStep(step) });
    const when = run.target.carriesJournal(step) ? 'later' : 'now';
    record.journal.record('step-started', describeStep(step), { step: step.id, index, ...asked.facts }, when);
    return runStep(step, run);
  });
  if (taken.kind !== 'done') return unfinished(run, taken);
  // It never began.
  if (taken.value.kind === 'denied') return conclude(run, taken.value);
  const facts = 'facts' in taken.value ? taken.value.facts : {};
  const data = { step: step.id, index, outcome: taken.value.kind, ...facts };
  record.journal.record('step-ended', endOf(taken.value), data, 'later');
  return conclude(run, taken.value);
}

function runStep(step: Step, run: RunContext): Promise<StepOutcome> {
  switch (step.kind) {
    case 'gate':
      return runGate(step, run);
    case 'approve':
      return runApproval(step, run);
    case 'bake':
      return runBake(step, run);
    default:
      run.place.hasActed = true;
      return run.target.runStep(step, run);
  }
}

/** No further effect on top of a breach that the watch's next look would only have found after it. */
async function lookBefore(step: Step, run: RunContext): Promise<Breach | null> {
  return run.target.isEffect(step) ? lookNow(run) : null;
}

/** Part of what goes forward: a command that comes meanwhile is still answered by its effect. */
async function verdict(run: RunContext, finish: typeof lookNow): Promise<Next> {
  const turned = (): Promise<Breach | null> => takeTurn(run).then(() => finish(run));
  const found = await run.controls.forward(() => (isInLine(run) ? turned() : finish(run)));
  if (found.kind !== 'done') return unfinished(run, found);
  if (found.value !== null) return conclude(run, { kind: 'breach', breach: found.value });
  // A pause that came meanwhile was taken: it holds before the end.
  return run.controls.isPauseWanted ? { go: 'again' } : { go: 'on' };
}

type Unfinished = Exclude<Awaited<ReturnType<RunContext['controls']['forward']>>, { kind: 'done' }>;

function unfinished(run: RunContext, taken: Unfinished): Next {
  switch (taken.kind) {
    case 'held':
      return { go: 'again' };
    case 'interrupted':
      return { go: 'out', end: () => endInterrupted(run, taken.interrupt) };
    case 'broken':
      return fail(run, taken.reason);
  }
}

function conclude(run: RunContext, outcome: StepOutcome): Next {
  switch (outcome.kind) {
    case 'passed':
      return { go: 'on' };
    case 'short':
      run.controls.pause('sluice', `below the success threshold: ${outcome.summary}`);
      return { go: 'on' };
    case 'denied':
    case 'unfinished':
      run.controls.pause('sluice', outcome.summary);
      return { go: 'again' };
    case 'breach':
      run.onBreach(outcome.breach);
      return { go: 'again' };
    case 'rejected':
      return { go: 'out', end: () => endBadly(run, { reason: outcome.summary, withoutEffect: 'cancelled' }) };
    case 'expired':
      return fail(run, outcome.summary, 'cancelled');
    case 'failed':
      return fail(run, outcome.summary);
  }
}

/** A failed step takes the run back, or asks first where the environment wants to be asked. */
function fail(run: RunContext, reason: string, withoutEffect: 'failed' | 'cancelled' = 'failed'): Next {
  const { environment } = run.record.input.plan;
  if (environment.autoRollback || run.compensations.isEmpty) {
    return { go: 'out', end: () => endBadly(run, { reason, withoutEffect }) };
  }
  run.controls.ask(reason, environment.rollbackTimeoutMs);
  return { go: 'again' };
}

const endOf = (outcome: StepOutcome): string =>
  outcome.kind === 'breach' ? describeBreach(outcome.breach) : outcome.summary;
