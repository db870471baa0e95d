import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { ApprovalPolicy } from '#domain/approvals/approval.ts';
import type { GateStep } from '#domain/plan/steps.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import { reasonOf } from '../../runtime/failure-reason.ts';
import { gateActivities, runRef, type RunContext, type StepFacts, type StepOutcome } from '../run-context.ts';
import { awaitDecision } from './await-decision.ts';

/** Evaluates a gate. A required gate that failed or had nothing to run fails the step, unless somebody overrode it before. */
export async function runGate(step: GateStep, run: RunContext): Promise<StepOutcome> {
  const outcome =
    step.check.run === 'manual' ? await askPeople(step, step.check.policy, run) : await evaluate(step, run);
  // A gate that passed can no longer be overridden; one that failed still can, and is then evaluated again.
  if (outcome.kind === 'passed') run.record.openGates = run.record.openGates.filter(({ id }) => id !== step.id);
  return outcome;
}

async function evaluate(step: GateStep, run: RunContext): Promise<StepOutcome> {
  const { kind, summary, evidence } = await find(step, run);
  const said = `${step.gate} ${SAID[kind]}: ${summary}`;
  const facts = { gate: step.gate, result: kind, required: step.required, evidence };
  if (kind === 'passed' || !step.required) return { kind: 'passed', summary: said, facts };
  const override = run.record.overrides.get(step.id);
  if (override) return { kind: 'passed', summary: `${said}; overridden by ${override.by}: ${override.reason}`, facts };
  return kind === 'inconclusive' ? undecided(step, run, { said, facts }) : { kind: 'failed', summary: said, facts };
}

const SAID: Readonly<Record<GateOutcome['kind'], string>> = {
  passed: 'passed',
  failed: 'failed',
  not_evaluated: 'not evaluated',
  inconclusive: 'could not be evaluated',
};

/** An activity that gave up could not find out: that is no failed gate. */
async function find(step: GateStep, run: RunContext): Promise<GateOutcome> {
  try {
    return await gateActivities(run, step).evaluateGate({ ...runRef(run), step });
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    return { kind: 'inconclusive', summary: reasonOf(error), evidence: null };
  }
}

/** Nothing bad was seen, so nothing is taken back: a person looks into it. */
function undecided(step: GateStep, run: RunContext, { said, facts }: { said: string; facts: StepFacts }): StepOutcome {
  const gate = run.record.openGates.find(({ id }) => id === step.id);
  const pass = `sluice run override ${run.record.input.run} --gate ${step.id} --reason "…" before it passes the gate`;
  const after = gate?.settledBy === 'check' ? `resume tries again; ${pass}` : 'resume tries again';
  return { kind: 'unfinished', summary: `${said} (${after})`, facts };
}

async function askPeople(step: GateStep, policy: ApprovalPolicy, run: RunContext): Promise<StepOutcome> {
  const question = { gate: step.id, opens: step.gate, policy, takesEarlyDecisions: false };
  const { kind, summary } = await awaitDecision(question, run);
  const facts = { gate: step.gate, result: kind, required: step.required, evidence: null };
  return { kind: kind === 'passed' || !step.required ? 'passed' : 'failed', summary, facts };
}
