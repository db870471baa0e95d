import { settleAnalysis } from '../analysis/settle-analysis.ts';
import { problemsOfGates } from '../plan/gate-problems.ts';
import type { Configuration } from './configuration.schema.ts';
import type { Environment } from './environment.ts';
import { settleHealthChecks } from './health-checks.ts';
import { unknownName, type Problem } from './problem.ts';

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
    ...environments.flatMap((one) => [...brokenChecks(configuration, one), ...brokenPromotion(environments, one)]),
  ];
}

/** Versions come from another environment of the same kind, which does not wait for this one. */
function brokenPromotion(environments: readonly Environment[], { name, target, promoteFrom }: Environment): Problem[] {
  if (promoteFrom === null) return [];
  const path = `environments.${name}.promote_from`;
  const source = environments.find((one) => one.name === promoteFrom);
  if (source === undefined) {
    const known = environments.map((one) => one.name).filter((one) => one !== name);
    return [unknownName(path, 'environment', promoteFrom, known)];
  }
  const got = JSON.stringify(promoteFrom);
  if (source.target !== target) {
    return [
      { path, expected: `an environment with target ${target}`, got, fix: `${source.name} has ${source.target}.` },
    ];
  }
  if (!leadsTo(environments, source, name)) return [];
  return [{ path, expected: 'an environment that does not wait for this one', got, fix: 'Take one of them out.' }];
}

/** Whether whatever comes to `from` must have been in `name` before. */
function leadsTo(environments: readonly Environment[], from: Environment, name: string): boolean {
  const seen = new Set<string>();
  for (let at: Environment | undefined = from; at !== undefined && !seen.has(at.name);) {
    if (at.name === name) return true;
    seen.add(at.name);
    const before: string | null = at.promoteFrom;
    at = environments.find((one) => one.name === before);
  }
  return false;
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
