import { errorReport, type ErrorReport } from '../errors/failure.ts';

/** A person's wish to begin in a freeze. */
export interface FreezeOverride {
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason: string;
}

/**
 * Why this person may not begin in a freeze, or null when they may. Starts that override a freeze and `deploy start-now`
 * both ask here and nowhere else: who is entitled is decided in this place.
 */
export const refuseFreezeOverride = ({ reason }: FreezeOverride): ErrorReport | null =>
  reason.trim() === '' ? errorReport('REASON_REQUIRED', { command: 'overrideFreeze' }) : null;
