import type { ApprovalPolicy } from '#domain/approvals/approval.ts';
import type { GateStep } from '#domain/plan/steps.ts';
import { gateActivities, runRef, type RunContext, type StepOutcome } from '../run-context.ts';
import { awaitDecision } from './await-decision.ts';

/** Evaluates a gate. A required gate that failed or had nothing to run fails the step, unless somebody overrode it before. */
export async function runGate(step: GateStep, run: RunContext): Promise<StepOutcome> {
  const outcome =
    step.check.run === 'manual' ? await askPeople(step, step.check.policy, run) : await evaluate(step, run);
  // A gate that passed can no longer be overridden; one that failed still can, and is then evaluated again.
  if (outcome.kind === 'passed') run.record.openGates = run.record.openGates.filter((id) => id !== step.id);
  return outcome;
}

async function evaluate(step: GateStep, run: RunContext): Promise<StepOutcome> {
  const { kind, summary, evidence } = await gateActivities(run, step).evaluateGate({
    ...runRef(run),
    step,
  });
  return judge(step, run, {
    passed: kind === 'passed',
    said: `${step.gate} ${kind.replace('_', ' ')}: ${summary}`,
    result: kind,
    evidence,
  });
}

async function askPeople(step: GateStep, policy: ApprovalPolicy, run: RunContext): Promise<StepOutcome> {
  const isOverridden = (): boolean => run.record.overrides.has(step.id);
  const question = { gate: step.id, opens: step.gate, policy, takesEarlyDecisions: false, isOverridden };
  const { kind, summary } = await awaitDecision(question, run);
  return judge(step, run, { passed: kind === 'passed', said: summary, result: kind, evidence: null });
}

interface Found {
  readonly passed: boolean;
  readonly said: string;
  readonly result: string;
  readonly evidence: string | null;
}

function judge(step: GateStep, run: RunContext, { passed, said, result, evidence }: Found): StepOutcome {
  const facts = { gate: step.gate, result, required: step.required, evidence };
  if (passed || !step.required) return { kind: 'passed', summary: said, facts };
  const override = run.record.overrides.get(step.id);
  if (override) return { kind: 'passed', summary: `${said}; overridden by ${override.by}: ${override.reason}`, facts };
  return { kind: 'failed', summary: said, facts };
}
