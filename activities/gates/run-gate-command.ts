import type { Plan } from '#domain/plan/plan.ts';
import type { GateCheck } from '#domain/plan/steps.ts';
import { runToldCommand } from '../runtime/told-command.ts';
import type { Finding, GateDeps } from './deps.ts';

export type CommandCheck = Extract<GateCheck, { run: 'command' }>;

/** What the command decides for; it finds it in its environment as SLUICE_RUN and so on. */
export interface GateSubject {
  readonly run: string;
  readonly planId: string;
  readonly gate: string;
  /** 1-based; more than 1 when a worker was lost meanwhile. */
  readonly attempt: number;
  /** The same for all attempts of one evaluation: by it the command can find what an earlier attempt did. */
  readonly key: string;
  readonly plan: Plan;
}

/** Passes when the command ends with 0. It runs a second time when its worker dies, after the first has ended. */
export async function runGateCommand(
  deps: GateDeps,
  check: CommandCheck,
  subject: GateSubject,
  signal: AbortSignal,
): Promise<Finding> {
  const { kind, how, seen } = await runToldCommand(check, told(subject), { ...deps, signal });
  return { kind: GATE_SAYS[kind], summary: how, evidence: seen };
}

const GATE_SAYS = { succeeded: 'passed', failed: 'failed', lost: 'inconclusive' } as const;

const told = (subject: GateSubject): Record<string, string> => ({
  SLUICE_RUN: subject.run,
  SLUICE_PLAN_ID: subject.planId,
  SLUICE_GATE: subject.gate,
  SLUICE_GATE_KEY: subject.key,
  SLUICE_ATTEMPT: String(subject.attempt),
  SLUICE_ENVIRONMENT: subject.plan.environment.name,
  ...subjectOf(subject.plan),
});

/** What is deployed. */
function subjectOf(plan: Plan): Record<string, string> {
  if (plan.kind === 'fleet-rollout') {
    const { name, version } = plan.firmware;
    return { SLUICE_FIRMWARE_NAME: name, SLUICE_FIRMWARE_VERSION: version };
  }
  if (plan.kind === 'joint-release') return { SLUICE_RELEASE: plan.release.name };
  const { name, version, image } = plan.application;
  return { SLUICE_APPLICATION: name, SLUICE_VERSION: version, SLUICE_IMAGE: image.image };
}
