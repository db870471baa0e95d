import { isLostConnection } from './lost-connection.ts';

/** Two transactions met (serialization_failure, deadlock_detected), or all connections are taken for the moment. */
const BY_CHANCE = new Set(['40001', '40P01', '53300']);

/** True when the same transaction may succeed later although nothing is changed. */
export function isPassingDatabaseError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: unknown };
  return isLostConnection(error) || (typeof code === 'string' && BY_CHANCE.has(code));
}
