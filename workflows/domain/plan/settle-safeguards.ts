import type { ApprovalsSpec } from '../environments/policy.schema.ts';
import type { GateSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import { settleApprovals, type SettledApprovals } from './approval-rules.ts';
import { settleGates, type SettledGates } from './gates.ts';
import type { HealthCheck } from './health-check.ts';
import { floorOf, type RuleSources } from './plan-floor.ts';

/** What a plan file says of approvals and gates, whatever it delivers. */
export interface WrittenSafeguards {
  readonly approvals?: ApprovalsSpec | undefined;
  readonly quality_gates?: QualityGatesSpec | undefined;
  readonly gates?: Readonly<Record<string, GateSpec>> | undefined;
}

export interface SafeguardSources extends RuleSources {
  readonly written: WrittenSafeguards;
  /** What the rules on approvals go by. */
  readonly shape: { readonly atOnce: boolean; readonly waves: number };
  readonly healthChecks: readonly HealthCheck[];
}

/** Who must agree and what must pass: as the plan file says, never less than environment and configuration ask for. */
export function settleSafeguards(sources: SafeguardSources): { approvals: SettledApprovals; gates: SettledGates } {
  const { written, environment, configuration, shape, healthChecks } = sources;
  const floor = floorOf({ environment, configuration }, shape);
  const approvals = settleApprovals({
    plan: written.approvals ?? null,
    environment: environment.approvals,
    configuration: configuration.approvals ?? null,
    required: environment.approvalRequired,
    ...shape,
  });
  const gates = settleGates({
    plan: { listed: written.quality_gates ?? {}, defined: written.gates ?? {}, policy: approvals.policy },
    configuration: {
      listed: configuration.quality_gates ?? {},
      defined: configuration.gates ?? {},
      policy: floor.policy,
    },
    floor: floor.gates,
    environment,
    healthChecks,
  });
  return { approvals, gates };
}
