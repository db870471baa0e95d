// The rate limit of a rollout: a token bucket whose state lives in the database.

/** What may be released without asking the clock again. */
export interface Bucket {
  readonly tokens: number;
  /** Null before the first release. */
  readonly refilledAtMs: number | null;
}

// In 60 s at most 60 s of refill and one full bucket can go: (60 + 0.9) / 61 of the limit, and one device. That is less
// than the limit and one, so as whole devices never more than the limit, wherever the 60 s begin.
const REFILL_SPAN_S = 61;
const DEPTH_S = 0.9;

/**
 * The bucket at `nowMs` under `maximumPerMinute`. No 60 seconds, however placed, release more than the limit; the
 * lasting rate is 60/61 of it. A clock that goes back refills nothing.
 */
export function refill(bucket: Bucket, maximumPerMinute: number, nowMs: number): Bucket {
  const perSecond = maximumPerMinute / REFILL_SPAN_S;
  const depth = 1 + DEPTH_S * perSecond;
  if (bucket.refilledAtMs === null) return { tokens: depth, refilledAtMs: nowMs };
  const elapsedS = Math.max(0, nowMs - bucket.refilledAtMs) / 1000;
  const tokens = Math.min(depth, bucket.tokens + elapsedS * perSecond);
  return { tokens, refilledAtMs: Math.max(nowMs, bucket.refilledAtMs) };
}

/** Whole devices that the bucket allows now. */
export const allowed = (bucket: Bucket): number => Math.floor(bucket.tokens + 1e-9);

/** The bucket after `devices` were released. */
export const take = (bucket: Bucket, devices: number): Bucket => ({ ...bucket, tokens: bucket.tokens - devices });
