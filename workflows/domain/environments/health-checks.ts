import type { HealthCheck, SecretRef } from '../plan/health-check.ts';
import type { Environment } from './environment.ts';
import type { HealthCheckSpec, InlineHealthCheck } from './health-check.schema.ts';
import { unknownName, type Problem } from './problem.ts';

/** Which checks are wanted: by name or written out; null means all that apply to the environment. */
export interface WantedChecks {
  readonly wanted: readonly (string | InlineHealthCheck)[] | null;
  /** Where they were named, for problems: `health_checks`. */
  readonly path: string;
  readonly defined: Readonly<Record<string, HealthCheckSpec>>;
  readonly environment: Environment;
  /** The plan's word on the configuration's checks; null leaves each its own. */
  readonly askedTimeoutMs: number | null;
  /** Time-out of a check that names none. */
  readonly defaultTimeoutMs: number;
}

export interface SettledChecks {
  readonly checks: readonly HealthCheck[];
  readonly problems: readonly Problem[];
}

type HttpSpec = Extract<HealthCheckSpec, { type: 'http' }>;
type Settled = { readonly check: HealthCheck } | { readonly problem: Problem };

/** The health checks of one rollout, their endpoints absolute. Problems are values: the caller refuses the file with all of them. */
export function settleHealthChecks(input: WantedChecks): SettledChecks {
  const settled =
    input.wanted === null ? allThatApply(input) : input.wanted.map((one, at) => settleOne(input, one, at));
  const problems = settled.flatMap((one) => ('problem' in one ? [one.problem] : []));
  return {
    checks: settled.flatMap((one) => ('check' in one ? [one.check] : [])),
    problems: [...problems, ...repeated(input)],
  };
}

/** Two checks of one name could not be told apart in evidence, and would share their secrets. */
function repeated({ wanted, path }: WantedChecks): Problem[] {
  const names = (wanted ?? []).map((one) => (typeof one === 'string' ? one : one.name));
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ path: `${path}[${at}]`, expected: 'each health check once', got: JSON.stringify(name), fix: 'Rename it.' }],
  );
}

function allThatApply(input: WantedChecks): Settled[] {
  const { defined, environment } = input;
  const settled = Object.entries(defined).flatMap(([name, spec]) => {
    const needsOrigin = spec.type === 'http' && spec.endpoint.startsWith('/');
    return needsOrigin && environment.healthCheckUrl === null ? [] : [settleNamed(input, name, spec, input.path)];
  });
  return [...settled, ...ownCheck(input, settled)];
}

/** The environment's own address, asked when no check asks it already. */
function ownCheck(input: WantedChecks, settled: readonly Settled[]): Settled[] {
  const url = input.environment.healthCheckUrl;
  const asked = settled.some((one) => 'check' in one && one.check.type === 'http' && one.check.url === url);
  if (url === null || asked) return [];
  const check = {
    type: 'http',
    name: 'health_check_url',
    url,
    method: 'GET',
    expectedStatus: 200,
    retryCount: 3,
  } as const;
  return [{ check: { ...check, timeoutMs: input.askedTimeoutMs ?? input.defaultTimeoutMs } }];
}

function settleOne(input: WantedChecks, wanted: string | InlineHealthCheck, at: number): Settled {
  const path = `${input.path}[${at}]`;
  if (typeof wanted !== 'string') return settleNamed(input, wanted.name, wanted, path);
  const spec = Object.hasOwn(input.defined, wanted) ? input.defined[wanted] : undefined;
  if (spec) return settleNamed(input, wanted, spec, path);
  return { problem: unknownName(path, 'health check', wanted, Object.keys(input.defined)) };
}

function settleNamed(
  input: WantedChecks,
  name: string,
  spec: HealthCheckSpec | InlineHealthCheck,
  path: string,
): Settled {
  const asked = 'name' in spec ? null : input.askedTimeoutMs;
  const common = { name, timeoutMs: asked ?? spec.timeout ?? input.defaultTimeoutMs, retryCount: spec.retry_count };
  switch (spec.type) {
    case 'tcp':
      return { check: { type: 'tcp', ...common, host: spec.host, port: spec.port } };
    case 'command': {
      const { command, env } = spec;
      const words = typeof command === 'string' ? ['sh', '-c', command] : command;
      return { check: { type: 'command', ...common, command: words, ...(env && { env }) } };
    }
    case 'database': {
      const { connection_string: connectionString, query } = spec;
      // Secrets were moved to files before: text here would be a secret inside a plan.
      if (typeof connectionString === 'string') return { problem: writtenOut(path, name) };
      return { check: { type: 'database', ...common, connectionString, query } };
    }
    case 'http': {
      const url = absoluteUrl(spec.endpoint, input.environment);
      if (url === null) return { problem: noOrigin(path, name, spec.endpoint, input.environment) };
      return { check: { type: 'http', ...common, url, ...requestOf(spec) } };
    }
    case 'mqtt': {
      const credentials = credentialsOf(spec);
      if (credentials === 'half') return { problem: halfCredentials(path, name) };
      return { check: { type: 'mqtt', ...common, broker: spec.broker, topic: spec.topic, credentials } };
    }
  }
}

/** What is asked of an endpoint, and which answer is well. */
export function requestOf(spec: Pick<HttpSpec, 'method' | 'expected_status' | 'headers'>) {
  const { method, expected_status: expectedStatus, headers } = spec;
  return { method, expectedStatus, ...(headers && { headers }) };
}

/** `endpoint` as an absolute URL: a path takes the origin of the environment's health_check_url. Null when there is none. */
export function absoluteUrl(endpoint: string, environment: Environment): string | null {
  if (!endpoint.startsWith('/')) return endpoint;
  return environment.healthCheckUrl === null ? null : new URL(endpoint, environment.healthCheckUrl).href;
}

type Credentials = { readonly username: string; readonly password: SecretRef } | null;

function credentialsOf(spec: Extract<HealthCheckSpec, { type: 'mqtt' }> | InlineHealthCheck): Credentials | 'half' {
  if (spec.type !== 'mqtt') return null;
  const { username, password } = spec;
  if (username === undefined && password === undefined) return null;
  // Secrets were moved to files before: text here would be a secret inside a plan.
  if (username === undefined || password === undefined || typeof password === 'string') return 'half';
  return { username, password };
}

export const noOrigin = (path: string, name: string, endpoint: string, environment: Environment): Problem => ({
  path,
  expected: `an absolute endpoint for ${name}, or an environment with health_check_url`,
  got: JSON.stringify(endpoint),
  fix: `Set environments.${environment.name}.health_check_url.`,
});

const halfCredentials = (path: string, name: string): Problem => ({
  path,
  expected: `username and password together for ${name}`,
  got: 'one of them',
  fix: 'Give both, or neither.',
});

const writtenOut = (path: string, name: string): Problem => ({
  path,
  expected: `a reference to a secret as connection_string of ${name}`,
  got: 'the secret itself',
  fix: 'Write { secretRef: "env:NAME" } or { secretRef: "file:PATH" }.',
});
