import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { DeliveryPlan } from '#domain/plan/plan.ts';
import { isInUse, isPassed } from './find-passed.ts';

/** What a plan delivers, and by which bytes. */
export const deliveredBy = (
  plan: DeliveryPlan,
): { readonly subject: string; readonly version: string; readonly digest: string } =>
  plan.kind === 'container-release'
    ? { subject: plan.application.name, version: plan.application.version, digest: plan.application.image.digest }
    : { subject: plan.firmware.name, version: plan.firmware.version, digest: plan.firmware.sha256 };

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
