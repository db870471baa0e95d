import type { Environment } from '../environments/environment.ts';
import type { Target } from '../environments/environment.schema.ts';
import type { GateSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import { absoluteUrl, noOrigin } from '../environments/health-checks.ts';
import { unknownName, type Problem } from '../environments/problem.ts';
import { definitionIn, firstGates, listedIn, type Listed } from './gate-steps.ts';
import { GATE_NAMES } from './steps.ts';

interface WrittenGates {
  /** What runs, in order. */
  readonly listed: QualityGatesSpec;
  /** What each gate runs, by name. */
  readonly defined: Readonly<Record<string, GateSpec>>;
}

/** What is wrong with the lists and definitions themselves. A configuration is for both targets: what either refuses is wrong there. */
export function problemsOfGates({ listed, defined }: WrittenGates, target: Target = 'fleet'): Problem[] {
  return [
    ...[...listedIn(listed, 'pre'), ...listedIn(listed, 'post')].flatMap((one) =>
      problemsOfListed(defined, one, target),
    ),
    ...Object.entries(defined).flatMap(([name, spec]) => problemsOfDefined(name, spec, target)),
  ];
}

function problemsOfListed(
  defined: WrittenGates['defined'],
  { name, required, path }: Listed,
  target: Target,
): Problem[] {
  const known = [...new Set([...GATE_NAMES, ...Object.keys(defined)])];
  if (!known.includes(name)) return [unknownName(path, 'gate', name, known)];
  return required === false && isFirst(name, target) ? [switchedOff(path, name)] : [];
}

function problemsOfDefined(name: string, spec: GateSpec, target: Target): Problem[] {
  const isBuiltIn = isFirst(name, target) || name === 'health_check';
  return [
    ...(spec.required === false && isFirst(name, target) ? [switchedOff(`gates.${name}.required`, name)] : []),
    ...(isBuiltIn && runsSomething(spec) ? [builtIn(name)] : []),
  ];
}

/** A request by path where the environment has no origin to resolve it against. */
export function endpointProblems(defined: WrittenGates['defined'], name: string, environment: Environment): Problem[] {
  const endpoint = definitionIn(defined, name)?.http?.endpoint;
  const isUnresolved = endpoint !== undefined && absoluteUrl(endpoint, environment) === null;
  return isUnresolved ? [noOrigin(`gates.${name}.http.endpoint`, name, endpoint, environment)] : [];
}

const switchedOff = (path: string, name: string): Problem => ({
  path,
  expected: `${name} to be required`,
  got: 'required: false',
  fix: 'It cannot be switched off.',
});

const builtIn = (name: string): Problem => ({
  path: `gates.${name}`,
  expected: 'no command, http, manual or load: this gate is built in',
  got: 'one of them',
  fix: 'Give your own check another name.',
});

const isFirst = (gate: string, target: Target): boolean => firstGates(target).some(({ name }) => name === gate);

const runsSomething = (spec: GateSpec): boolean =>
  spec.command !== undefined || spec.http !== undefined || spec.manual !== undefined || spec.load !== undefined;
