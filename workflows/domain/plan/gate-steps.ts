import type { ApprovalPolicy } from '../approvals/approval.ts';
import type { Environment } from '../environments/environment.ts';
import type { Target } from '../environments/environment.schema.ts';
import type { GateReference, GateSpec, LoadSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import { absoluteUrl, requestOf } from '../environments/health-checks.ts';
import type { HealthCheck } from './health-check.ts';
import type { GateCheck, GateStep } from './steps.ts';

/** What a gate's step follows from. */
export interface GateRules {
  /** What each gate runs, by name. */
  readonly defined: Readonly<Record<string, GateSpec>>;
  readonly environment: Environment;
  readonly healthChecks: readonly HealthCheck[];
  /** Who decides the manual gate `name` when it does not say. */
  readonly policyFor: (name: string) => ApprovalPolicy;
}

export type Phase = GateStep['phase'];

/** A gate where it was listed; an empty path is nobody's list. */
export interface Listed {
  readonly name: string;
  readonly required: boolean | null;
  readonly path: string;
}

/** Always the first two, and required (problemsOfGates): no device is offered what cannot be trusted or does not fit. */
const ALWAYS_FIRST = ['firmware_validation', 'device_compatibility_check'] as const;
const DEFAULT_TIMEOUT_MS = 300_000;

export const isAlwaysFirst = (name: string): name is (typeof ALWAYS_FIRST)[number] =>
  ALWAYS_FIRST.some((one) => one === name);

export const unlisted = (name: string): Listed => ({ name, required: null, path: '' });

/** Containers have no hardware to fit. */
export const firstGates = (target: Target): readonly Listed[] =>
  (target === 'fleet' ? ALWAYS_FIRST : ['firmware_validation']).map(unlisted);

export function listedIn(lists: QualityGatesSpec, phase: Phase): Listed[] {
  const key = `${phase}_deployment` as const;
  return (lists[key] ?? []).map((gate: GateReference, at) => {
    const path = `quality_gates.${key}[${at}]`;
    return typeof gate === 'string'
      ? { name: gate, required: null, path }
      : { name: gate.name, required: gate.required ?? null, path };
  });
}

export function gateStep(rules: GateRules, listed: Listed, phase: Phase, id: string): GateStep {
  const check = checkOf(rules, listed.name);
  const said = listed.required ?? definitionIn(rules.defined, listed.name)?.required;
  const required = said ?? check.run !== 'none';
  return { kind: 'gate', id, gate: listed.name, phase, required, check };
}

export const definitionIn = (defined: GateRules['defined'], name: string): GateSpec | undefined =>
  Object.hasOwn(defined, name) ? defined[name] : undefined;

function checkOf(rules: GateRules, name: string): GateCheck {
  const { target, imageRequires: requires } = rules.environment;
  if (name === 'firmware_validation' && target === 'docker') return { run: 'image_validation', requires };
  if (target === 'fleet' && isAlwaysFirst(name)) return { run: name };
  if (name === 'health_check') {
    return rules.healthChecks.length > 0 ? { run: 'health_check', checks: rules.healthChecks } : { run: 'none' };
  }
  const spec = definitionIn(rules.defined, name);
  return spec ? checkFrom(rules, name, spec) : { run: 'none' };
}

function checkFrom(rules: GateRules, name: string, spec: GateSpec): GateCheck {
  const timeoutMs = spec.timeout ?? DEFAULT_TIMEOUT_MS;
  if (spec.command !== undefined) {
    const command = typeof spec.command === 'string' ? ['sh', '-c', spec.command] : spec.command;
    return { run: 'command', command, timeoutMs, ...(spec.env && { env: spec.env }) };
  }
  if (spec.http) {
    const { endpoint, retry_count: retryCount, timeout } = spec.http;
    const url = absoluteUrl(endpoint, rules.environment) ?? endpoint;
    const check = { type: 'http', name, url, retryCount, timeoutMs: timeout ?? timeoutMs } as const;
    return { run: 'http', check: { ...check, ...requestOf(spec.http) } };
  }
  if (spec.load) return rules.environment.target === 'docker' ? loadTest(spec.load) : { run: 'none' };
  if (spec.manual === undefined) return { run: 'none' };
  const {
    quorum = 1,
    role = rules.policyFor(name).role,
    expires_in: expiresInMs = null,
  } = spec.manual === true ? {} : spec.manual;
  return { run: 'manual', policy: { quorum, role, expiresInMs } };
}

function loadTest(spec: LoadSpec): GateCheck {
  const load = {
    path: spec.path,
    durationMs: spec.duration,
    requestsPerSecond: spec.requests_per_second,
    maximumFailedPercent: spec.maximum_failed_percent,
    maximumP99Ms: spec.maximum_p99 ?? null,
  };
  return { run: 'load_test', load };
}
