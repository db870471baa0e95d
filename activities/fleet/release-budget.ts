// The rate limit of a rollout: a token bucket whose state lives in the database.

/** What may be released without asking the clock again. */
export interface Bucket {
  readonly tokens: number;
  /** Null before the first release. */
  readonly refilledAtMs: number | null;
}

// With the bucket's depth of one second this keeps every span of 60 s, wherever it begins, within the limit.
const REFILL_SPAN_S = 61;

/**
 * The bucket at `nowMs` under `maximumPerMinute`. No 60 seconds, however placed, release more than the limit; the
 * lasting rate is 60/61 of it. A clock that goes back refills nothing.
 */
export function refill(bucket: Bucket, maximumPerMinute: number, nowMs: number): Bucket {
  const perSecond = maximumPerMinute / REFILL_SPAN_S;
  const depth = Math.max(1, perSecond);
  if (bucket.refilledAtMs === null) return { tokens: depth, refilledAtMs: nowMs };
  const elapsedS = Math.max(0, nowMs - bucket.refilledAtMs) / 1000;
  const tokens = Math.min(depth, bucket.tokens + elapsedS * perSecond);
  return { tokens, refilledAtMs: Math.max(nowMs, bucket.refilledAtMs) };
}

/** Whole devices that the bucket allows now. */
export const allowed = (bucket: Bucket): number => Math.floor(bucket.tokens + 1e-9);

/** The bucket after `devices` were released. */
export const take = (bucket: Bucket, devices: number): Bucket => ({ ...bucket, tokens: bucket.tokens - devices });
