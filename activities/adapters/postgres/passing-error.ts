import { isLostConnection } from './lost-connection.ts';

/**
 * Two transactions met (serialization_failure, deadlock_detected), all connections are taken for the moment, or a statement
 * took too long (query_canceled), mostly behind another one's lock.
 */
const BY_CHANCE = new Set(['40001', '40P01', '53300', '57014']);

/** True when the same transaction may succeed later although nothing is changed. */
export function isPassingDatabaseError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return isLostConnection(error) || (typeof code === 'string' && BY_CHANCE.has(code));
}
