import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { DeliveryPlan } from '#domain/plan/plan.ts';
import { subjectOf } from '#domain/run/run-subject.ts';
import { isInUse, isPassed } from './find-passed.ts';

/** What a plan delivers, and by which bytes. */
export function deliveredBy(plan: DeliveryPlan): Pick<Tried, 'subject' | 'version' | 'digest'> {
  const { name: subject, version } = subjectOf(plan);
  const digest = plan.kind === 'container-release' ? plan.application.image.digest : plan.firmware.sha256;
  return { subject, version, digest };
}

/**
 * Throws PROMOTION_NEEDED where the environment takes only what passed in another one, and these bytes did not. What it has
 * already may go out again: nothing new comes in.
 */
export async function refuseUnpassed(
  pool: Pool,
  environment: Environment,
  plan: DeliveryPlan,
  where = '',
): Promise<void> {
  const { name, target, promoteFrom } = environment;
  if (promoteFrom === null) return;
  const delivered = deliveredBy(plan);
  if (await isPassed(pool, { name: promoteFrom, target }, delivered)) return;
  if (await isInUse(pool, environment, delivered)) return;
  throw sluiceError('PROMOTION_NEEDED', { ...delivered, environment: name, from: promoteFrom }, { where });
}
