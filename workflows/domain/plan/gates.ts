import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { Environment } from '../environments/environment.ts';
import type { GateSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import type { Problem } from '../environments/problem.ts';
import { gateWeaknesses, whenOf, type GateWeakness } from './gate-floor.ts';
import { endpointProblems, problemsOfGates } from './gate-problems.ts';
import { definitionIn, firstGates, gateStep, listedIn, unlisted, type GateRules, type Listed } from './gate-steps.ts';
import type { HealthCheck } from './health-check.ts';
import type { GateStep } from './steps.ts';

/** Lists and definitions of gates in one file, and who decides its manual gates that do not say. */
export interface WrittenGates {
  readonly listed: QualityGatesSpec;
  readonly defined: Readonly<Record<string, GateSpec>>;
  readonly policy: ApprovalPolicy;
}

/** What the gates of a rollout follow from. */
export interface GateSources {
  readonly plan: WrittenGates;
  readonly configuration: WrittenGates;
  /** Gates that the configuration requires: they stay, whatever the plan lists, and are not weakened. */
  readonly floor: readonly GateStep[];
  readonly environment: Environment;
  readonly healthChecks: readonly HealthCheck[];
}

export interface SettledGates {
  readonly pre: readonly GateStep[];
  readonly post: readonly GateStep[];
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** The gates before the first and after the last wave, in order. A list of the plan replaces all but the required ones. */
export function settleGates(sources: GateSources): SettledGates {
  const { plan, configuration, environment, healthChecks } = sources;
  const defined = { ...configuration.defined, ...plan.defined };
  const policyFor = (name: string) => (Object.hasOwn(plan.defined, name) ? plan : configuration).policy;
  const rules: GateRules = { defined, environment, healthChecks, policyFor };
  const kept = sources.floor.filter((gate) => isOmitted(plan.listed, gate));
  const given = { pre: listOf(sources, kept, 'pre'), post: listOf(sources, kept, 'post') };
  const first = firstGates(environment.target);
  const pre = [...first, ...given.pre.filter(({ name }) => first.every((one) => one.name !== name))];
  const checksHealth = healthChecks.length > 0 && given.post.every(({ name }) => name !== 'health_check');
  const post = checksHealth ? [unlisted('health_check'), ...given.post] : given.post;
  const taken = new Set(pre.map(({ name }) => name));
  const steps = {
    pre: pre.map((one) => gateStep(rules, one, 'pre', `gate-${one.name}`)),
    post: post.map((one) => gateStep(rules, one, 'post', `gate-${taken.has(one.name) ? 'post-' : ''}${one.name}`)),
  };
  const problems = [
    ...problemsOfGates({ listed: { ...configuration.listed, ...plan.listed }, defined }, environment.target),
    ...[...pre, ...post].flatMap(({ name }) => endpointProblems(defined, name, environment)),
    ...weakenedGates(sources, [...steps.pre, ...steps.post]),
    ...neverRun(plan, [...given.pre, ...given.post]),
  ];
  const notes = kept.map((gate) => `gate ${gate.gate} stays ${whenOf(gate)}: the configuration requires it`);
  return { ...steps, problems, notes };
}

/** A plan's list that leaves a required gate out. */
function isOmitted(lists: QualityGatesSpec, { gate, phase }: GateStep): boolean {
  const list = lists[`${phase}_deployment`];
  return list !== undefined && !listedIn(lists, phase).some(({ name }) => name === gate);
}

/** What runs in a phase: the required gates that the plan leaves out first, in the configuration's order. */
function listOf(sources: GateSources, kept: readonly GateStep[], phase: GateStep['phase']): Listed[] {
  const { plan, configuration } = sources;
  const own = listedIn({ ...configuration.listed, ...plan.listed }, phase);
  const isKept = ({ name }: Listed): boolean => kept.some((gate) => gate.gate === name && gate.phase === phase);
  const listed = [...listedIn(configuration.listed, phase).filter(isKept), ...own];
  return listed.map((one) => (isRequiredUnsaid(sources, one, phase) ? { ...one, required: true } : one));
}

/** A required gate that the plan lists by its name alone. */
function isRequiredUnsaid({ plan, floor }: GateSources, { name, required }: Listed, phase: GateStep['phase']): boolean {
  if (required !== null || definitionIn(plan.defined, name)?.required !== undefined) return false;
  return floor.some((gate) => gate.gate === name && gate.phase === phase);
}

function weakenedGates({ plan, floor }: GateSources, steps: readonly GateStep[]): Problem[] {
  return floor.flatMap((required) => {
    const { gate, phase } = required;
    const step = steps.find((one) => one.gate === gate && one.phase === phase) ?? null;
    return gateWeaknesses(step, required).map((weakness) => ({
      path: placeOf(weakness, plan, required),
      expected: weakness.expected,
      got: weakness.got,
      fix: `The configuration requires gate ${gate}: a plan may ask for more there, not for less or for something else.`,
    }));
  });
}

/** Where the plan file says what is too little. */
function placeOf({ at }: GateWeakness, plan: WrittenGates, { gate, phase, check }: GateStep): string {
  if (check.run === 'health_check' && at === '') return 'health_checks';
  const listed = listedIn(plan.listed, phase).find(({ name }) => name === gate);
  if (at === 'required' && listed?.required === false) return listed.path;
  return at === '' ? `gates.${gate}` : `gates.${gate}.${at}`;
}

/** A gate that the plan defines and nothing lists would silently never run. */
function neverRun({ defined }: WrittenGates, listed: readonly Listed[]): Problem[] {
  const lost = Object.keys(defined).filter((name) => !listed.some((one) => one.name === name));
  return lost.map((name) => ({
    path: `gates.${name}`,
    expected: 'a gate that quality_gates lists',
    got: 'one that would never run',
    fix: `Add ${name} to quality_gates.pre_deployment or quality_gates.post_deployment.`,
  }));
}
