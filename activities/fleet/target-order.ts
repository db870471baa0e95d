import { createHash } from 'node:crypto';

/**
 * The place of a device in the order of a run: the first 8 bytes, signed, of
 * SHA-256(run ':' thing). The same for every attempt, another for every run: no device is always the canary.
 */
export function targetOrder(run: string, thing: string): bigint {
  return createHash('sha256').update(`${run}:${thing}`).digest().readBigInt64BE(0);
}

interface Ordered {
  readonly order: bigint;
}

/** For `sort`. */
export const byOrder = (a: Ordered, b: Ordered): number => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0);
