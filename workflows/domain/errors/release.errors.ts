import { entry } from './entry.ts';

/** Errors of releases of applications. */
export const releaseErrors = {
  RELEASE_OUTDATED: entry<{ application: string; environment: string; why: string }>(
    'CONFLICT',
    (d) => `the plan for ${d.application} no longer fits ${d.environment}: ${d.why}`,
    'make a new plan from what runs now: sluice plan create --config FILE',
  ),
  RELEASE_CALLED_OFF: entry<{ release: string; by: string; at: string; reason: string }>(
    'CONFLICT',
    (d) => `release ${d.release} was called off by ${d.by} at ${d.at}: ${d.reason}`,
    'plan it anew: sluice release create -f FILE',
  ),
  JOINT_RELEASE_UNKNOWN: entry<{ release: string }>(
    'NOT_FOUND',
    (d) => `there is no release ${d.release}`,
    'sluice release list',
  ),
  JOINT_RELEASE_UNCLEAR: entry<{ release: string; environments: string }>(
    'INVALID',
    (d) => `release ${d.release} is in several environments: ${d.environments}`,
    'name one: --environment NAME',
  ),
  JOINT_RELEASE_NO_WAY_BACK: entry<{ release: string; why: string }>(
    'CONFLICT',
    (d) => `release ${d.release} cannot be taken back: ${d.why}`,
    (d) => `sluice release show ${d.release}`,
  ),
  JOINT_RELEASE_NOT_STARTED: entry<{ release: string }>(
    'CONFLICT',
    (d) => `release ${d.release} was not started yet`,
    (d) => `sluice release execute ${d.release}`,
  ),
  RELEASE_FENCED: entry<{ application: string; mine: number; present: number }>(
    'CONFLICT',
    (d) => `another run has taken over ${d.application}: generation ${d.mine} may not change what ${d.present} holds`,
    'look who deploys it: sluice run list',
  ),
  NO_FREE_PORT: entry<{ application: string; from: number; to: number }>(
    'CONFLICT',
    (d) => `no port from ${d.from} to ${d.to} is free for ${d.application}`,
    'give it one of your choice: routing.listen_port in the application’s file (sluice app apply -f FILE)',
  ),
};
