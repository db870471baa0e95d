import type { Environment } from '../environments/environment.ts';
import { absoluteUrl, noOrigin } from '../environments/health-checks.ts';
import type { Problem } from '../environments/problem.ts';
import type { Hook, HookAction } from './hook.ts';
import type { HookSpec, HooksSpec } from './hook.schema.ts';

export interface SettledHooks {
  readonly before: readonly Hook[];
  readonly after: readonly Hook[];
  readonly problems: readonly Problem[];
}

/** The hooks of a release, their endpoints absolute. */
export function settleHooks({ before, after }: HooksSpec, environment: Environment): SettledHooks {
  const hookOf = (spec: HookSpec): Hook => ({
    name: spec.name,
    action: actionOf(spec, environment),
    compensation: spec.compensation === 'none' ? null : actionOf(spec.compensation, environment),
  });
  const problems = [
    ...before.flatMap((spec, at) => endpointProblems(spec, `config.hooks.before[${at}]`, environment)),
    ...after.flatMap((spec, at) => endpointProblems(spec, `config.hooks.after[${at}]`, environment)),
  ];
  return { before: before.map(hookOf), after: after.map(hookOf), problems };
}

type ActionSpec = Pick<HookSpec, 'command' | 'env' | 'http' | 'timeout'>;

function actionOf({ command, env, http, timeout: timeoutMs }: ActionSpec, environment: Environment): HookAction {
  if (!http) {
    const words = typeof command === 'string' ? ['sh', '-c', command] : (command ?? []);
    return { kind: 'command', command: words, timeoutMs, ...(env && { env }) };
  }
  return {
    kind: 'http',
    url: absoluteUrl(http.endpoint, environment) ?? http.endpoint,
    method: http.method,
    expectedStatus: http.expected_status,
    timeoutMs,
    body: http.body ?? null,
    ...(http.headers && { headers: http.headers }),
  };
}

/** Requests by path where the environment has no origin to resolve them against. */
function endpointProblems(spec: HookSpec, path: string, environment: Environment): Problem[] {
  const { compensation } = spec;
  const back = compensation === 'none' ? undefined : compensation.http?.endpoint;
  const asked = [
    { at: `${path}.http.endpoint`, endpoint: spec.http?.endpoint },
    { at: `${path}.compensation.http.endpoint`, endpoint: back },
  ];
  return asked.flatMap(({ at, endpoint }) => {
    const isLost = endpoint !== undefined && absoluteUrl(endpoint, environment) === null;
    return isLost ? [noOrigin(at, spec.name, endpoint, environment)] : [];
  });
}
