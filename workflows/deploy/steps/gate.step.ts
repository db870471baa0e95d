import { describeStep } from '#domain/plan/describe-step.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import type { GateStep } from '#domain/plan/steps.ts';
import { gateActivities, runRef, type RunContext, type StepOutcome } from '../run-context.ts';
import { awaitDecision } from './await-decision.ts';

/** Evaluates a gate. A required gate that failed or had nothing to run fails the step, unless somebody overrode it before. */
export async function runGate(step: GateStep, run: RunContext): Promise<StepOutcome> {
  if (step.check.run === 'manual') {
    const { policy } = step.check;
    return settle(run, step.id, await awaitDecision({ gate: step.id, opens: step.gate, policy }, run));
  }
  const outcome = await gateActivities(run, describeStep(step)).evaluateGate({ ...runRef(run), step });
  return settle(run, step.id, judge(step, outcome, run));
}

function judge(step: GateStep, outcome: GateOutcome, run: RunContext): StepOutcome {
  const said = `${step.gate} ${outcome.kind.replace('_', ' ')}: ${outcome.summary}`;
  if (outcome.kind === 'passed' || !step.required) return { kind: 'passed', summary: said };
  const override = run.record.overrides.get(step.id);
  if (override) return { kind: 'passed', summary: `${said}; overridden by ${override.by}: ${override.reason}` };
  return { kind: 'failed', summary: said, evidence: outcome.evidence };
}

/** A gate that passed can no longer be overridden; one that failed still can, and is then evaluated again. */
function settle(run: RunContext, gate: string, outcome: StepOutcome): StepOutcome {
  if (outcome.kind === 'passed') run.record.openGates = run.record.openGates.filter((id) => id !== gate);
  return outcome;
}
