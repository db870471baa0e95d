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
