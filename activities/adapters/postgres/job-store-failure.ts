import { isLostConnection } from './lost-connection.ts';

/** Classes of SQLSTATE that say something about the values: data exceptions, integrity violations. */
const ABOUT_VALUES = new Set(['22', '23']);

/**
 * True when a batch failed because of one of its requests (or a fault of ours in handling it), so that the others pass
 * without it. False when the database is away, full, or otherwise not at work: then everything passes later.
 */
export function isRequestAtFault(error: unknown): boolean {
  if (isLostConnection(error)) return false;
  const code = (error as { code?: unknown } | null)?.code;
  const isSqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  return !isSqlState || ABOUT_VALUES.has(code.slice(0, 2));
}
