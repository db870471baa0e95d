import { describePromotion } from '../../engine/promotions/promotion-document.ts';
import type { Promotion, Promotions } from '../../engine/promotions/promote.ts';
import { forPeople } from './printable.ts';
import { shortDigest } from './release-sections.ts';

/** What `promote` did, for each version: what goes where, from which run, and what comes next. */
export const renderPromotions = forPeople(({ from, to, promotions }: Promotions): string =>
  promotions.flatMap((one) => promotionLines(one, { from, to })).join('\n'),
);

function promotionLines(promotion: Promotion, { from, to }: Pick<Promotions, 'from' | 'to'>): string[] {
  const { subject, version, digest, run } = promotion.source;
  const what = `${subject} ${version} (${shortDigest(digest)}) → ${to}, ${describePromotion({ environment: from, run, digest })}`;
  switch (promotion.kind) {
    case 'under-way':
      return [`${promotion.open.run} brings it there already: ${what}`, `  sluice run watch ${promotion.open.run}`];
    case 'planned': {
      const { planId } = promotion.stored.plan;
      const made = promotion.isFromBefore ? 'was planned before and not started' : 'planned';
      return [`✓ ${planId} ${made}: ${what}`, `  sluice plan show --plan-id ${planId}`];
    }
    case 'started': {
      const { started, stored, isFromBefore } = promotion;
      const by = isFromBefore ? `, by ${stored.plan.planId} of before` : '';
      return [`started ${started.run}: ${what}${by}`, `  sluice run watch ${started.run}`];
    }
  }
}
