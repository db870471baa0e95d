import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { DEVICES } from '#domain/coordination/admission.ts';
import { isPinnedTo, pinOf, type Pin } from '#domain/coordination/holds.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { lockOf } from '#domain/plan/plan-subject.ts';
import { subjectOf } from '#domain/run/run-subject.ts';
import { describeVersions } from '../environments/describe-obstacle.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

interface Wanted {
  /** As pins and places in the line name it. */
  readonly subject: string;
  readonly version: string;
}

/** What a plan changes: a release of several applications all of them. */
function wantedBy(plan: Plan): readonly Wanted[] {
  if (plan.kind !== 'joint-release') return [{ subject: lockOf(plan) || DEVICES, version: subjectOf(plan).version }];
  if (plan.isWayBack === true) return [];
  return plan.members.map(({ application: subject, version }) => ({ subject, version }));
}

/**
 * Throws VERSION_PINNED when a person keeps what the plan changes at another version. A pin that is set from now on is met
 * in the line, not here.
 */
export async function refusePinned(deps: EngineDeps, plan: Plan): Promise<void> {
  const { name } = plan.environment;
  const holds = await patientRead(deps, (pool) => readHolds(pool, name));
  for (const { subject, version } of wantedBy(plan)) {
    const pin = pinOf({ holds }, subject);
    if (pin !== null && !isPinnedTo(pin, version)) {
      throw sluiceError('VERSION_PINNED', { ...pinnedFacts(name, pin), wanted: version });
    }
  }
}

/** A pin as errors name it. */
export const pinnedFacts = (environment: string, { subject, versions, by, since, reason }: Pin) => {
  return { environment, subject, versions: describeVersions(versions), by, since, reason };
};
