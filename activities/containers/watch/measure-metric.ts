import type { ContainerMetric, Provider } from '#domain/analysis/analysis.ts';
import { forArm } from '#domain/analysis/placeholders.ts';
import {
  cpuPercent,
  failedPercent,
  responseTimeMs,
  since,
  type CountedMember,
  type LoopMemory,
  type Side,
  type Totals,
  type WatchMemory,
} from '#domain/containers/release-watch.ts';
import type { ReplicaUsage } from '#domain/ports/container-engine.port.ts';
import { getJson } from '../../adapters/http-check/get-json.ts';

/** What one look knows, from which metrics are measured. */
export interface LookFacts {
  readonly members: readonly CountedMember[];
  readonly totals: Readonly<Record<Side, Totals>>;
  readonly versions: Readonly<Record<Side, string | null>>;
  /** One sample of each container; none where no metric asks for them. */
  readonly usage: Readonly<Record<Side, readonly ReplicaUsage[]>>;
  readonly cpuBefore: WatchMemory['cpu'];
  readonly atMs: number;
  readonly signal: AbortSignal;
}

export interface Measured {
  /** Null: nothing to measure, as the error rate without a request. */
  readonly value: number | null;
  /** Why there is no value where there should be one; null otherwise. */
  readonly problem: string | null;
}

const QUESTION_MS = 10_000;

/** The value of a metric for one side. A source that cannot be asked is a value with its problem. */
export async function measureMetric(
  provider: Provider,
  side: Side,
  facts: LookFacts,
  last: Pick<LoopMemory, 'since' | 'at'>,
): Promise<Measured> {
  const version = facts.versions[side];
  if (version === null) return { value: null, problem: 'no version serves beside the new one' };
  try {
    return { value: await valueOf(forArm(provider, { arm: side, version }), side, facts, last), problem: null };
  } catch (error) {
    facts.signal.throwIfAborted();
    return { value: null, problem: error instanceof Error ? error.message : String(error) };
  }
}

async function valueOf(
  provider: Provider,
  side: Side,
  facts: LookFacts,
  last: Pick<LoopMemory, 'since' | 'at'>,
): Promise<number | null> {
  switch (provider.type) {
    case 'haproxy': {
      const recent = since(facts.totals[side], last.since[side]);
      if (provider.metric === 'error_rate_percent') return failedPercent(recent);
      if (provider.metric === 'response_time_ms') return responseTimeMs(facts.members, side);
      const seconds = (facts.atMs - Date.parse(last.at)) / 1_000;
      return seconds > 0 ? recent.requests / seconds : null;
    }
    case 'container_stats':
      return statsOf(provider.metric, facts, side);
    case 'prometheus':
      return askPrometheus(provider, facts.signal);
    case 'http_json':
      return askJson(provider, facts.signal);
  }
}

/** Mean over the instances of a side. */
function statsOf(metric: ContainerMetric, { usage, cpuBefore }: LookFacts, side: Side): number | null {
  const values = usage[side].flatMap((sample) =>
    metric === 'memory_bytes' ? [sample.memoryBytes] : (cpuPercent(cpuBefore[sample.name], sample) ?? []),
  );
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Instant query of the HTTP API (prometheus.io/docs, /api/v1/query): a scalar, or the one sample of a vector. */
async function askPrometheus({ address, query }: Extract<Provider, { type: 'prometheus' }>, signal: AbortSignal) {
  const url = new URL('/api/v1/query', address);
  url.searchParams.set('query', query);
  const answer = await getJson(url.href, { timeoutMs: QUESTION_MS, signal });
  const type = at(answer, ['data', 'resultType']);
  const written =
    type === 'scalar' ? at(answer, ['data', 'result', '1']) : at(answer, ['data', 'result', '0', 'value', '1']);
  return written === undefined ? null : asNumber(written, query);
}

async function askJson({ url, jsonPath }: Extract<Provider, { type: 'http_json' }>, signal: AbortSignal) {
  const answer = await getJson(url, { timeoutMs: QUESTION_MS, signal });
  const value = at(answer, jsonPath.split('.'));
  return value === undefined || value === null ? null : asNumber(value, jsonPath);
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function asNumber(value: unknown, what: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number') return number;
  throw new Error(`${what} is no number but ${JSON.stringify(value).slice(0, 100)}`);
}
