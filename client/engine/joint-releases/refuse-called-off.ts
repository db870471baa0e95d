import { findJointRelease } from '../../../activities/adapters/postgres/joint-releases.ts';
import type { Connection } from '../../../activities/adapters/postgres/pool.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';

/** Throws RELEASE_CALLED_OFF. Within the transaction that starts the release: who calls it off holds the same lock. */
export async function refuseCalledOff(connection: Connection, { planId, release }: JointPlan): Promise<void> {
  const calledOff = (await findJointRelease(connection, planId))?.calledOff ?? null;
  if (calledOff !== null) throw sluiceError('RELEASE_CALLED_OFF', { release: release.name, ...calledOff });
}
