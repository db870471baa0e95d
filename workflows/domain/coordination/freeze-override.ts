import { errorReport, type ErrorReport } from '../errors/failure.ts';

/** A person's wish to begin in a freeze. */
export interface FreezeOverride {
  readonly by: string;
  readonly roles: readonly string[];
  readonly reason: string;
  /** Any one of these roles suffices: whose word sets aside a policy of the environment. */
  readonly entitled: readonly string[];
}

/**
 * Why this person may not begin in a freeze, or null when they may. Starts that override a freeze and `deploy start-now`
 * both ask here and nowhere else: who is entitled is decided in this place.
 */
export function refuseFreezeOverride({ by, roles, reason, entitled }: FreezeOverride): ErrorReport | null {
  if (reason.trim() === '') return errorReport('REASON_REQUIRED', { command: 'overrideFreeze' });
  if (roles.some((role) => entitled.includes(role))) return null;
  return errorReport('APPROVAL_ROLE_MISSING', { by, role: entitled.join(' or '), roles: roles.join(', ') });
}
