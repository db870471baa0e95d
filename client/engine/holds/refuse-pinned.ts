import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { DEVICES } from '#domain/coordination/admission.ts';
import { isPinnedTo, pinOf, type Pin } from '#domain/coordination/holds.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { describeVersions } from '../environments/describe-obstacle.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

/** What a plan changes, as pins and places in the line name it. */
const pinSubjectOf = (plan: Plan): string => lockOf(plan) || DEVICES;

export const versionOf = (plan: Plan): string =>
  plan.kind === 'container-release' ? plan.application.version : plan.firmware.version;

/**
 * Throws VERSION_PINNED when a person keeps what the plan changes at another version. A pin that is set from now on is met
 * in the line, not here.
 */
export async function refusePinned(deps: EngineDeps, plan: Plan): Promise<void> {
  const { name } = plan.environment;
  const holds = await patientRead(deps, (pool) => readHolds(pool, name));
  const pin = pinOf({ holds }, pinSubjectOf(plan));
  const wanted = versionOf(plan);
  if (pin !== null && !isPinnedTo(pin, wanted)) {
    throw sluiceError('VERSION_PINNED', { ...pinnedFacts(name, pin), wanted });
  }
}

/** A pin as errors name it. */
export const pinnedFacts = (environment: string, { subject, versions, by, since, reason }: Pin) => {
  return { environment, subject, versions: describeVersions(versions), by, since, reason };
};
