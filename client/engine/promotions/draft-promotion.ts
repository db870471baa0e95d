import { ulid } from 'ulid';
import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { PlanId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { PlanFile } from '#domain/plan/plan-file.schema.ts';
import type { EngineDeps } from '../engine.ts';
import { checkDocument } from '../environments/read-document.ts';
import { patientRead } from '../patient-read.ts';
import { refuseTooLarge } from '../plans/create-plan.ts';
import { draftPlan } from '../plans/draft-plan.ts';
import { draftRelease } from '../plans/draft-release.ts';
import { checkRelease } from '../plans/read-release.ts';

/** From where to where, and by whom. */
export interface Route {
  readonly from: Environment;
  readonly to: Environment;
  readonly author: string;
  /** The reason for going on although some devices could not be taken back; null refuses. */
  readonly acceptNoWayBack: string | null;
}

export interface Draft {
  readonly plan: Plan;
  readonly notes: readonly string[];
}

/**
 * The plan that brings into `to` exactly the bytes of `source`, which passed in `from`, in the way that `to` wants them:
 * with its own `promote_with`, gates, checks and approvals. Throws as `createPlan`, and PROMOTION_DIGEST_GONE, PROMOTION_NOOP.
 */
export async function draftPromotion(deps: EngineDeps, route: Route, source: Tried): Promise<Draft> {
  const drafted =
    source.image === null ? await draftFirmware(deps, route, source) : await draftImage(deps, route, source);
  refuseTooLarge(drafted.plan, placeOf(route));
  return drafted;
}

/** Where errors say that the way of a promotion is written. */
const placeOf = ({ to }: Route): string => `promote_with of environment ${to.name}`;

const wishOf = (route: Route) => ({
  planId: `plan_${ulid()}` as PlanId,
  fileName: placeOf(route),
  author: route.author,
  createdAt: new Date().toISOString(),
});

async function draftImage(deps: EngineDeps, route: Route, source: Tried): Promise<Draft> {
  const { from, to } = route;
  const { subject, version, image, run, digest } = source;
  if (image === null) throw sluiceError('INTERNAL', { why: `release of ${subject} in ${from.name} has no image` });
  const config = { ...to.promoteWith, source_environment: from.name };
  const file = checkRelease({ application: subject, version, environment: to.name, config }, placeOf(route));
  const promoted = { image, from: { environment: from.name, run, digest } };
  return draftRelease(deps, { ...wishOf(route), file, promoted });
}

async function draftFirmware(deps: EngineDeps, route: Route, source: Tried): Promise<Draft> {
  const { from, to, acceptNoWayBack } = route;
  const { subject, version, digest, run } = source;
  const document = {
    strategy: 'canary',
    ...to.promoteWith,
    name: `${subject} ${version} → ${to.name}`,
    firmware: subject,
    firmware_version: version,
    source_environment: from.name,
    target_environment: to.name,
  };
  const file = checkDocument(PlanFile, document, placeOf(route));
  const wish = { ...wishOf(route), file, acceptNoWayBack, promotedFrom: { environment: from.name, run, digest } };
  const { plan, notes } = await patientRead(deps, (pool) => draftPlan(deps, pool, wish));
  const { sha256 } = plan.firmware;
  if (sha256 !== digest) {
    const why = `${subject} ${version} is ${sha256} by now`;
    throw sluiceError('PROMOTION_DIGEST_GONE', { subject, version, digest, why });
  }
  const { devices, alreadyCurrent, misfits = 0 } = plan.selection;
  if (alreadyCurrent < devices - misfits) return { plan, notes };
  throw sluiceError('PROMOTION_NOOP', { what: `${subject} ${version}`, environment: to.name });
}
