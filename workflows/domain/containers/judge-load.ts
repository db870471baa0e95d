import type { LoadTest } from '../plan/steps.ts';

/** What came of a load test; times in milliseconds from the moment at which a request was due. */
export interface LoadSeen {
  readonly latenciesMs: readonly number[];
  /** Requests without an answer below 400, those that could not even be sent among them. */
  readonly failed: number;
  readonly tookMs: number;
}

export interface LoadNumbers {
  readonly requests: number;
  readonly failed: number;
  readonly failedPercent: number;
  readonly requestsPerSecond: number;
  /** Null without any answer. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maximumMs: number | null;
}

export function loadNumbers({ latenciesMs, failed, tookMs }: LoadSeen): LoadNumbers {
  const sorted = [...latenciesMs].sort((a, b) => a - b);
  const requests = sorted.length + failed;
  return {
    requests,
    failed,
    failedPercent: requests === 0 ? 0 : (failed * 100) / requests,
    requestsPerSecond: tookMs === 0 ? 0 : Math.round((requests * 10_000) / tookMs) / 10,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
    maximumMs: sorted.at(-1) ?? null,
  };
}

/** Nearest rank: the smallest value that is not below `percent` of them. */
const percentile = (sorted: readonly number[], percent: number): number | null =>
  sorted[Math.max(0, Math.ceil((percent * sorted.length) / 100) - 1)] ?? null;

/** Whether the numbers are what a load test asks for; a test that sent nothing says nothing. */
export function judgeLoad(
  load: LoadTest,
  numbers: LoadNumbers,
): { readonly kind: 'passed' | 'failed' | 'inconclusive'; readonly summary: string } {
  const { requests, failedPercent, p50Ms, p99Ms, maximumMs } = numbers;
  if (requests === 0) return { kind: 'inconclusive', summary: 'no request was sent' };
  const said = `${requests} requests, ${rounded(failedPercent)} % failed, p50 ${p50Ms ?? '-'} ms, p99 ${p99Ms ?? '-'} ms, maximum ${maximumMs ?? '-'} ms`;
  const breaches = [
    ...(failedPercent > load.maximumFailedPercent ? [`more than ${load.maximumFailedPercent} % failed`] : []),
    ...(load.maximumP99Ms !== null && (p99Ms === null || p99Ms > load.maximumP99Ms)
      ? [`p99 above ${load.maximumP99Ms} ms`]
      : []),
  ];
  return breaches.length === 0
    ? { kind: 'passed', summary: said }
    : { kind: 'failed', summary: `${breaches.join(', ')}: ${said}` };
}

const rounded = (percent: number): number => Math.round(percent * 100) / 100;
