import { Context } from '@temporalio/activity';
import type { EvaluateGateInput, GateActivities, GateOutcome } from '#domain/ports/gates.port.ts';
import { approvedFleetPlan, approvedPlan } from '../runtime/approved-plan.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { keepOutcome, keptOutcome } from '../runtime/kept-outcome.ts';
import { redact } from '../runtime/redact.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { checkCompatibility } from './check-compatibility.ts';
import { checkContainers } from './check-containers.ts';
import type { Finding, GateDeps, GateWork } from './deps.ts';
import { evaluationKey } from './gate-key.ts';
import { runGateCommand, type CommandCheck } from './run-gate-command.ts';
import { runHealthChecks } from './run-health-checks.ts';
import { validateFirmware } from './validate-firmware.ts';

/** Gates, each with its check. What a check saw is stored before the gate is answered. */
export function createGateActivities(deps: GateDeps): GateActivities {
  return {
    evaluateGate: guarded((input) => {
      // Checks bound themselves, and a command may say nothing for hours.
      const { startToCloseTimeoutMs } = Context.current().info;
      return withHeartbeat((pulse) => evaluateGate({ ...deps, pulse }, input), startToCloseTimeoutMs);
    }),
  };
}

async function evaluateGate(work: GateWork, input: EvaluateGateInput): Promise<GateOutcome> {
  const earlier = await earlierOutcome(work, input);
  if (earlier) return earlier;
  const finding = await find(work, input);
  const { kind, summary } = finding;
  work.logger.info({ run: input.run, gate: input.step.gate, kind, summary }, 'gate evaluated');
  return keep(work, input, finding);
}

/** What an attempt found that was lost after it had stored its evidence: nothing is run for it again. */
async function earlierOutcome(work: GateWork, input: EvaluateGateInput): Promise<GateOutcome | null> {
  if (Context.current().info.attempt === 1) return null;
  const { evidence } = evaluationKey(input);
  const body = await keptOutcome(work, evidence);
  if (!body) return null;
  const { kind, summary } = body as unknown as Pick<GateOutcome, 'kind' | 'summary'>;
  return { kind, summary, evidence };
}

/** Whatever keeps a check from finding out is an outcome as well: no exception may take a fleet back. */
async function find(work: GateWork, input: EvaluateGateInput): Promise<Finding> {
  try {
    return await check(work, input);
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    const why = redact(error instanceof Error ? error.message : String(error));
    return { kind: 'inconclusive', summary: `could not be found out: ${why}`, evidence: { why } };
  }
}

async function check(work: GateWork, input: EvaluateGateInput): Promise<Finding> {
  const { check } = input.step;
  const { cancellationSignal: signal, sleep: wait, info } = Context.current();
  const tools = { ...work, signal, wait, budgetMs: info.startToCloseTimeoutMs };
  switch (check.run) {
    case 'firmware_validation': {
      const { firmware } = await ridingOut(work, () => approvedFleetPlan(work.pool, input));
      return ridingOut(work, () => validateFirmware(work, firmware));
    }
    case 'device_compatibility_check': {
      const plan = await ridingOut(work, () => approvedFleetPlan(work.pool, input));
      return ridingOut(work, () => checkCompatibility(work, plan));
    }
    case 'health_check':
      return runHealthChecks(check.checks, tools);
    case 'http':
      return runHealthChecks([check.check], tools);
    case 'command':
      return runCommandOf(work, input, check);
    case 'image_validation':
    case 'load_test':
    case 'canary_analysis':
      return checkContainers(work, input, check);
    case 'manual':
      return { kind: 'not_evaluated', summary: 'people decide this gate', evidence: null };
    case 'none':
      return { kind: 'not_evaluated', summary: 'nothing is set up to run for it', evidence: null };
  }
}

async function runCommandOf(work: GateWork, input: EvaluateGateInput, check: CommandCheck): Promise<Finding> {
  const { cancellationSignal: signal, info } = Context.current();
  const plan = await ridingOut(work, () => approvedPlan(work.pool, input));
  const { run, planId, step } = input;
  const { key } = evaluationKey(input);
  return runGateCommand(work, check, { run, planId, gate: step.gate, attempt: info.attempt, key, plan }, signal);
}

/** What was found is found: while the database is away only the storing is repeated. */
async function keep(work: GateWork, input: EvaluateGateInput, finding: Finding): Promise<GateOutcome> {
  const { kind, summary, evidence } = finding;
  if (evidence === null) return { kind, summary, evidence: null };
  const { run, step } = input;
  const body = { ...evidence, gate: step.gate, kind, summary };
  const id = await keepOutcome(work, { run, step: step.id, body }, evaluationKey(input).evidence);
  return { kind, summary: id === null ? `${summary} (its evidence could not be stored)` : summary, evidence: id };
}
