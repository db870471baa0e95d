import { settleAnalysis } from '../analysis/settle-analysis.ts';
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
  return [
    ...gates,
    ...brokenAnalysis(configuration),
    ...environments.flatMap((one) => brokenChecks(configuration, one)),
  ];
}

function brokenAnalysis({ analysis, metric_templates: templates = {} }: Configuration): readonly Problem[] {
  if (analysis === undefined) return [];
  const settled = settleAnalysis({ analysis, templates, path: 'analysis' });
  return settled.kind === 'refused' ? settled.problems : [];
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
