import { entry } from './entry.ts';

/** Errors of applications and their releases. */
export const applicationErrors = {
  APPLICATION_UNKNOWN: entry<{ application: string }>(
    'NOT_FOUND',
    (d) => `application ${d.application} does not exist`,
    'sluice app list · sluice app apply -f FILE',
  ),
  APPLICATION_NOT_DEPLOYED: entry<{ application: string; environment: string }>(
    'NOT_FOUND',
    (d) => `application ${d.application} was never deployed to ${d.environment}`,
    'sluice plan create --config FILE, then sluice deploy execute --plan-id ID',
  ),
  APPLICATION_PLACE_UNCLEAR: entry<{ application: string; environments: string }>(
    'INVALID',
    (d) => `application ${d.application} is in several environments: ${d.environments}`,
    'name one: --environment NAME',
  ),
  INSTANCE_UNKNOWN: entry<{ application: string; instance: string }>(
    'NOT_FOUND',
    (d) => `application ${d.application} has no instance ${d.instance}`,
    (d) => `sluice app instances ${d.application}`,
  ),
  PLAN_TARGET_MISMATCH: entry<{ environment: string; target: string; wanted: string }>(
    'INVALID',
    (d) => `environment ${d.environment} has target ${d.target}, the plan needs target ${d.wanted}`,
    (d) =>
      d.wanted === 'docker'
        ? 'a plan for devices has firmware_version and target_environment; for containers name an environment with target docker'
        : 'a plan for containers has application, version and environment; for devices name an environment with target fleet',
  ),
  RELEASE_UNKNOWN: entry<{ application: string; environment: string; wanted: string }>(
    'NOT_FOUND',
    (d) => `application ${d.application} has no stable release ${d.wanted} in ${d.environment} to go back to`,
    (d) => `sluice app show ${d.application} --environment ${d.environment}`,
  ),
  ROLLBACK_NOOP: entry<{ application: string; environment: string; version: string }>(
    'CONFLICT',
    (d) => `${d.application} ${d.version} is what runs in ${d.environment} already`,
    (d) => `name another: --to VERSION · sluice app show ${d.application} --environment ${d.environment}`,
  ),
};
