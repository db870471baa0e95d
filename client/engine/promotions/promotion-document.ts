import type { PromotedFrom } from '#domain/plan/plan-base.ts';
import type { Promotion, Promotions } from './promote.ts';

/** Where a version passed before, for programs; null: it was not promoted. */
export const promotionDocument = (from: PromotedFrom | null | undefined) =>
  from ? { environment: from.environment, execution_id: from.run, digest: from.digest } : null;

/** The same for people: `promoted from staging (exe_…)`. */
export const describePromotion = ({ environment, run }: PromotedFrom): string =>
  `promoted from ${environment} (${run})`;

/** What `promote` says to programs. */
export const promotionsDocument = ({ from, to, promotions, leftOut }: Promotions) => ({
  from,
  to,
  promotions: promotions.map(outcomeDocument),
  left_out: leftOut,
});

function outcomeDocument(promotion: Promotion) {
  const { source, kind } = promotion;
  const { subject, version, digest, run, image } = source;
  const what = {
    ...(image === null ? { firmware: subject, firmware_version: version } : { application: subject, version }),
    digest,
    source_execution_id: run,
    status: kind,
  };
  if (kind === 'under-way') return { ...what, execution_id: promotion.open.run, plan_id: null, notes: [] };
  const { stored, isFromBefore, notes } = promotion;
  return {
    ...what,
    execution_id: kind === 'started' ? promotion.started.run : null,
    plan_id: stored.plan.planId,
    plan_digest: stored.digest,
    plan_from_before: isFromBefore,
    notes,
  };
}
