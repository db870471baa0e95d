const SMALLEST_MS = 0.01;
const GROWTH = Math.log(1.02);

/** What a histogram says, in milliseconds; zeros when nothing was counted. */
export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Counts durations in buckets that grow by 2 %: quantiles within 2 %, the same memory for a million of them. */
export class Histogram {
  readonly #buckets: number[] = [];
  #count = 0;
  #maxMs = 0;

  add(durationMs: number): void {
    const bucket = durationMs <= SMALLEST_MS ? 0 : Math.ceil(Math.log(durationMs / SMALLEST_MS) / GROWTH);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#maxMs = Math.max(this.#maxMs, durationMs);
  }

  read(): Latency {
    return { count: this.#count, p50Ms: this.#quantile(0.5), p99Ms: this.#quantile(0.99), maxMs: rounded(this.#maxMs) };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    for (const [bucket, count = 0] of this.#buckets.entries()) {
      left -= count;
      if (left <= 0) return rounded(Math.min(this.#maxMs, SMALLEST_MS * Math.exp(bucket * GROWTH)));
    }
    return 0;
  }
}

const rounded = (ms: number): number => Math.round(ms * 100) / 100;
