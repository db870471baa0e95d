// Counts of one window.
import { Histogram } from '../measure/histogram.ts';
import { REQUEST_KINDS, type Failure, type KindCounts, type RequestKind, type WindowReport } from './load-report.ts';

const SLOW_MS = 500;
const FAILURES_KEPT = 20;

/** How one request ended. */
export interface Outcome {
  readonly kind: RequestKind;
  readonly latencyMs: number;
  /** Of the answer, or `proxy`; null without an answer. */
  readonly version: string | null;
  readonly wasRace: boolean;
  readonly failure: string | null;
}

class KindTally {
  requests = 0;
  failed = 0;
  races = 0;
  slow = 0;
  readonly latency = new Histogram();

  add({ latencyMs, wasRace, failure }: Outcome): void {
    this.requests += 1;
    if (wasRace) this.races += 1;
    if (failure !== null) {
      this.failed += 1;
      return;
    }
    this.latency.add(latencyMs);
    if (latencyMs > SLOW_MS) this.slow += 1;
  }

  read(): KindCounts {
    const { requests, failed, races, slow } = this;
    return { requests, failed, races, slow, latency: this.latency.read() };
  }
}

export class WindowTally {
  readonly #name: string;
  readonly #startedAt = performance.now();
  readonly #kinds: Record<RequestKind, KindTally>;
  readonly #versions = new Map<string, number>();
  readonly #failures: Failure[] = [];

  constructor(name: string) {
    this.#name = name;
    this.#kinds = forEachKind(() => new KindTally());
  }

  add(outcome: Outcome): void {
    this.#kinds[outcome.kind].add(outcome);
    const { kind, version, failure: reason } = outcome;
    if (version !== null) this.#versions.set(version, (this.#versions.get(version) ?? 0) + 1);
    if (reason === null || this.#failures.length >= FAILURES_KEPT) return;
    this.#failures.push({ kind, reason, atMs: Math.round(performance.now() - this.#startedAt) });
  }

  read(): WindowReport {
    return {
      name: this.#name,
      durationMs: Math.round(performance.now() - this.#startedAt),
      kinds: forEachKind((kind) => this.#kinds[kind].read()),
      versions: Object.fromEntries([...this.#versions].toSorted(([a], [b]) => a.localeCompare(b))),
      failures: this.#failures,
    };
  }
}

const forEachKind = <T>(make: (kind: RequestKind) => T): Record<RequestKind, T> =>
  Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, make(kind)])) as Record<RequestKind, T>;
