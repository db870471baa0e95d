import { Context } from '@temporalio/activity';
import type { EvaluateGateInput, GateActivities, GateOutcome } from '#domain/ports/gates.port.ts';
import { insertEvidence } from '../adapters/postgres/evidence.ts';
import { approvedPlan } from '../runtime/approved-plan.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { checkCompatibility } from './check-compatibility.ts';
import type { Finding, GateDeps } from './deps.ts';
import { runGateCommand } from './run-gate-command.ts';
import { runHealthChecks } from './run-health-checks.ts';
import { validateFirmware } from './validate-firmware.ts';

/** Gates, each with its check. What a check saw is stored before the gate is answered. */
export function createGateActivities(deps: GateDeps): GateActivities {
  return {
    evaluateGate: guarded((input) => {
      // Checks bound themselves, and a command may say nothing for hours.
      const { startToCloseTimeoutMs } = Context.current().info;
      return withHeartbeat(() => evaluateGate(deps, input), startToCloseTimeoutMs);
    }),
  };
}

async function evaluateGate(deps: GateDeps, input: EvaluateGateInput): Promise<GateOutcome> {
  const { run, step } = input;
  const { kind, summary, evidence } = await find(deps, input);
  deps.logger.info({ run, gate: step.gate, kind, summary }, 'gate evaluated');
  if (evidence === null) return { kind, summary, evidence: null };
  const body = { gate: step.gate, kind, summary, ...evidence };
  return { kind, summary, evidence: await insertEvidence(deps.pool, { run, step: step.id, body }) };
}

async function find(deps: GateDeps, input: EvaluateGateInput): Promise<Finding> {
  const { check, gate } = input.step;
  const { cancellationSignal: signal, sleep: wait, info } = Context.current();
  const tools = { ...deps, signal, wait, budgetMs: info.startToCloseTimeoutMs };
  switch (check.run) {
    case 'firmware_validation':
      return validateFirmware(deps, (await approvedPlan(deps.pool, input)).firmware);
    case 'device_compatibility_check':
      return checkCompatibility(deps, await approvedPlan(deps.pool, input));
    case 'health_check':
      return runHealthChecks(check.checks, tools);
    case 'http':
      return runHealthChecks([check.check], tools);
    case 'command': {
      const plan = await approvedPlan(deps.pool, input);
      const { run, planId } = input;
      const subject = { run, planId, gate, environment: plan.environment.name, firmware: plan.firmware };
      return runGateCommand(deps, check, subject, signal);
    }
    case 'manual':
      return { kind: 'not_evaluated', summary: 'people decide this gate', evidence: null };
    case 'none':
      return { kind: 'not_evaluated', summary: 'nothing is set up to run for it', evidence: null };
  }
}
