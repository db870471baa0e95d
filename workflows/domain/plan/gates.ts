import type { GateReference, GateSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import type { Environment } from '../environments/environment.ts';
import { absoluteUrl, noOrigin, requestOf } from '../environments/health-checks.ts';
import { unknownName, type Problem } from '../environments/problem.ts';
import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { HealthCheck } from './health-check.ts';
import { GATE_NAMES, type GateCheck, type GateStep } from './steps.ts';

/** What the gates of a rollout follow from. */
export interface GateSources {
  /** What runs: each list replaces the one of the configuration whole. */
  readonly listed: QualityGatesSpec;
  /** What each gate runs, by name. */
  readonly defined: Readonly<Record<string, GateSpec>>;
  readonly environment: Environment;
  readonly healthChecks: readonly HealthCheck[];
  /** Who decides a manual gate that does not say. */
  readonly policy: ApprovalPolicy;
}

export interface SettledGates {
  readonly pre: readonly GateStep[];
  readonly post: readonly GateStep[];
  readonly problems: readonly Problem[];
}

type Phase = GateStep['phase'];
type Listed = { readonly name: string; readonly required: boolean | null; readonly path: string };

/** Always the first two: no device is offered what cannot be trusted or does not fit. */
const ALWAYS_FIRST = ['firmware_validation', 'device_compatibility_check'];
const BUILT_IN: readonly string[] = [...ALWAYS_FIRST, 'health_check'];
const DEFAULT_TIMEOUT_MS = 300_000;

/** The gates before the first and after the last wave, in order. */
export function settleGates(sources: GateSources): SettledGates {
  const given = { pre: listedIn(sources.listed, 'pre'), post: listedIn(sources.listed, 'post') };
  const pre = [...ALWAYS_FIRST.map(unlisted), ...given.pre.filter(({ name }) => !ALWAYS_FIRST.includes(name))];
  const checksHealth = sources.healthChecks.length > 0 && given.post.every(({ name }) => name !== 'health_check');
  const post = checksHealth ? [unlisted('health_check'), ...given.post] : given.post;
  const taken = new Set(pre.map(({ name }) => name));
  return {
    pre: pre.map((one) => gateStep(sources, one, 'pre', `gate-${one.name}`)),
    post: post.map((one) => gateStep(sources, one, 'post', `gate-${taken.has(one.name) ? 'post-' : ''}${one.name}`)),
    problems: [...problemsOfGates(sources), ...[...pre, ...post].flatMap((one) => endpointProblems(sources, one))],
  };
}

const unlisted = (name: string): Listed => ({ name, required: null, path: '' });

function listedIn(lists: QualityGatesSpec, phase: Phase): Listed[] {
  const key = `${phase}_deployment` as const;
  return (lists[key] ?? []).map((gate: GateReference, at) => {
    const path = `quality_gates.${key}[${at}]`;
    return typeof gate === 'string'
      ? { name: gate, required: null, path }
      : { name: gate.name, required: gate.required ?? null, path };
  });
}

function gateStep(sources: GateSources, listed: Listed, phase: Phase, id: string): GateStep {
  const check = checkOf(sources, listed.name);
  const required = listed.required ?? definitionOf(sources, listed.name)?.required ?? check.run !== 'none';
  return { kind: 'gate', id, gate: listed.name, phase, required, check };
}

function checkOf(sources: GateSources, name: string): GateCheck {
  if (name === 'firmware_validation' || name === 'device_compatibility_check') return { run: name };
  if (name === 'health_check') {
    return sources.healthChecks.length > 0 ? { run: 'health_check', checks: sources.healthChecks } : { run: 'none' };
  }
  const spec = definitionOf(sources, name);
  return spec ? checkFrom(sources, name, spec) : { run: 'none' };
}

function checkFrom(sources: GateSources, name: string, spec: GateSpec): GateCheck {
  const timeoutMs = spec.timeout ?? DEFAULT_TIMEOUT_MS;
  if (spec.command !== undefined) {
    const command = typeof spec.command === 'string' ? ['sh', '-c', spec.command] : spec.command;
    return { run: 'command', command, timeoutMs, ...(spec.env && { env: spec.env }) };
  }
  if (spec.http) {
    const { endpoint, retry_count: retryCount, timeout } = spec.http;
    const url = absoluteUrl(endpoint, sources.environment) ?? endpoint;
    const check = { type: 'http', name, url, retryCount, timeoutMs: timeout ?? timeoutMs } as const;
    return { run: 'http', check: { ...check, ...requestOf(spec.http) } };
  }
  if (spec.manual === undefined) return { run: 'none' };
  const {
    quorum = 1,
    role = sources.policy.role,
    expires_in: expiresInMs = null,
  } = spec.manual === true ? {} : spec.manual;
  return { run: 'manual', policy: { quorum, role, expiresInMs } };
}

type GateRules = Pick<GateSources, 'listed' | 'defined'>;

/** What is wrong with the lists and definitions themselves, whatever the environment. */
export function problemsOfGates(rules: GateRules): Problem[] {
  const listed = [...listedIn(rules.listed, 'pre'), ...listedIn(rules.listed, 'post')];
  const overridden = Object.entries(rules.defined).filter(
    ([name, spec]) => BUILT_IN.includes(name) && runsSomething(spec),
  );
  return [...listed.flatMap((one) => problemsOfListed(rules, one)), ...overridden.map(([name]) => builtIn(name))];
}

function problemsOfListed({ defined }: GateRules, { name, required, path }: Listed): Problem[] {
  const known = [...new Set([...GATE_NAMES, ...Object.keys(defined)])];
  if (!known.includes(name)) return [unknownName(path, 'gate', name, known)];
  const isRequired = required ?? (Object.hasOwn(defined, name) ? defined[name]?.required : undefined) ?? true;
  if (isRequired || !ALWAYS_FIRST.includes(name)) return [];
  return [{ path, expected: `${name} to be required`, got: 'required: false', fix: 'It cannot be switched off.' }];
}

const builtIn = (name: string): Problem => ({
  path: `gates.${name}`,
  expected: 'no command, http or manual: this gate is built in',
  got: 'one of them',
  fix: 'Give your own check another name.',
});

function endpointProblems(sources: GateSources, { name }: Listed): Problem[] {
  const endpoint = definitionOf(sources, name)?.http?.endpoint;
  const isUnresolved = endpoint !== undefined && absoluteUrl(endpoint, sources.environment) === null;
  return isUnresolved ? [noOrigin(`gates.${name}.http.endpoint`, name, endpoint, sources.environment)] : [];
}

const runsSomething = (spec: GateSpec): boolean =>
  spec.command !== undefined || spec.http !== undefined || spec.manual !== undefined;

const definitionOf = (sources: GateSources, name: string): GateSpec | undefined =>
  Object.hasOwn(sources.defined, name) ? sources.defined[name] : undefined;
