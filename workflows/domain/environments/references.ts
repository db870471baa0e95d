import { problemsOfGates } from '../plan/gate-problems.ts';
import type { Configuration } from './configuration.schema.ts';
import type { Environment } from './environment.ts';
import { settleHealthChecks } from './health-checks.ts';
import type { Problem } from './problem.ts';

/** A configuration as it would be stored: sections given now and before together. */
export interface WholeConfiguration {
  readonly configuration: Configuration;
  readonly environments: readonly Environment[];
}

/** Names that lead nowhere, and rules that no section breaks alone. */
export function brokenReferences({ configuration, environments }: WholeConfiguration): Problem[] {
  const gates = problemsOfGates({ listed: configuration.quality_gates ?? {}, defined: configuration.gates ?? {} });
  return [...gates, ...environments.flatMap((one) => brokenChecks(configuration, one))];
}

function brokenChecks(configuration: Configuration, environment: Environment): readonly Problem[] {
  return settleHealthChecks({
    wanted: environment.healthChecks ?? [],
    path: `environments.${environment.name}.health_checks`,
    defined: configuration.health_checks ?? {},
    environment,
    askedTimeoutMs: null,
    defaultTimeoutMs: 0,
  }).problems;
}

/** What is allowed but will stop a run: an approval that nobody can give. */
export function missingApprovers({ configuration, environments }: WholeConfiguration): string[] {
  const people = Object.values(configuration.people ?? {});
  return environments
    .filter(({ approvalRequired }) => approvalRequired)
    .flatMap((environment) => {
      const role = environment.approvals?.role ?? configuration.approvals?.role ?? 'approver';
      const quorum = environment.approvals?.quorum ?? configuration.approvals?.quorum ?? 1;
      const able = people.filter(({ roles }) => roles.includes(role)).length;
      if (able >= quorum) return [];
      return [`environment ${environment.name} asks for ${quorum} of role ${role}, and people: names ${able} with it`];
    });
}
