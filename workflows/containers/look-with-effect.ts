import type { Breach } from '#domain/fleet/accept-breach.ts';
import type { WatchPlan } from '#domain/plan/plan-base.ts';
import type { WatchedOutcome } from '#domain/ports/release.port.ts';
import { lookNow } from '../deploy/look-now.ts';
import type { RunContext } from '../deploy/run-context.ts';

export type Unseen = Extract<WatchedOutcome, { kind: 'unseen' }>;

/**
 * An effect that looks before it begins. What it cannot see in its short time the run looks at itself, with patience and open
 * to commands; then the effect looks no more.
 */
export async function lookWithEffect<Outcome extends { readonly kind: string }>(
  run: RunContext,
  effect: (look: WatchPlan | null) => Promise<Outcome | Unseen>,
): Promise<Outcome | { readonly kind: 'breach'; readonly breach: Breach }> {
  const first = await effect(run.watch.due);
  if (!isUnseen(first)) return first;
  const breach = await lookNow(run);
  if (breach) return { kind: 'breach', breach };
  const again = await effect(null);
  return isUnseen(again) ? { kind: 'breach', breach: { kind: 'inconclusive', why: again.why } } : again;
}

const isUnseen = <Outcome extends { readonly kind: string }>(outcome: Outcome | Unseen): outcome is Unseen =>
  outcome.kind === 'unseen';
