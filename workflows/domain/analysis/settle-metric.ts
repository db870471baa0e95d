import { hasCredentialsInside } from '../environments/credentials-inside.ts';
import type { Problem } from '../environments/problem.ts';
import { NO_EFFECT, type ClassificationRules, type Provider, type SettledMetric } from './analysis.ts';
import { parseCondition, type Condition, type Conditions } from './condition.ts';
import type { LoopRules } from './measurement-loop.ts';
import type { MetricTemplateSpec, ProviderSpec } from './metric-template.schema.ts';
import { filled, filledProvider } from './placeholders.ts';

/** A template whose arguments have values. */
export interface FilledTemplate {
  readonly template: MetricTemplateSpec;
  /** Where the template stands, for problems: `metric_templates.latency`. */
  readonly path: string;
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
}

export interface SettledOne {
  readonly metric: SettledMetric;
  readonly problems: readonly Problem[];
}

/** The metric of a template and values. Problems are values: the caller refuses the file with all of them. */
export function settleMetric(source: FilledTemplate): SettledOne {
  const { template, name, path, values } = source;
  const provider = filledProvider(providerOf(template.provider), values);
  const success = settleCondition(source, 'success_condition');
  const failure = settleCondition(source, 'failure_condition');
  const loop = loopOf(template);
  const conditions: Conditions = { success: success.condition, failure: failure.condition };
  const metric = { name, group: template.group, provider, rules: rulesOf(template), conditions, loop };
  const problems = [
    ...addressProblems(provider, path),
    ...success.problems,
    ...failure.problems,
    ...loopProblems(template, path),
  ];
  return { metric, problems };
}

function providerOf(spec: ProviderSpec): Provider {
  if (spec.type !== 'http_json') return spec;
  return { type: 'http_json', url: spec.url, jsonPath: spec.json_path };
}

function rulesOf(template: MetricTemplateSpec): ClassificationRules {
  const none = NO_EFFECT[template.effect_size];
  const allowed = { increase: template.allowed_increase ?? none, decrease: template.allowed_decrease ?? none };
  const limits = { increase: template.critical_increase ?? none, decrease: template.critical_decrease ?? none };
  return {
    direction: template.direction,
    nanStrategy: template.nan_strategy,
    outliers: template.outliers === 'keep' ? { kind: 'keep' } : { kind: 'remove', factor: template.outlier_factor },
    tolerance: template.tolerance,
    effect: { measure: template.effect_size, allowed },
    criticality: template.critical ? { kind: 'critical', limits } : { kind: 'normal' },
    mustHaveData: template.must_have_data,
  };
}

/** After an error a metric without an interval is asked again so soon (Argo's default). */
const ERROR_RETRY_MS = 10_000;

function loopOf(template: MetricTemplateSpec): LoopRules {
  return {
    initialDelayMs: template.initial_delay,
    intervalMs: template.interval ?? ERROR_RETRY_MS,
    count: template.count ?? (template.interval === undefined ? 1 : null),
    failureLimit: template.failure_limit,
    inconclusiveLimit: template.inconclusive_limit,
    consecutiveErrorLimit: template.consecutive_error_limit,
    consecutiveSuccessLimit: template.consecutive_success_limit ?? null,
    isDryRun: template.dry_run,
    measurementRetention: template.measurement_retention,
  };
}

function settleCondition(
  { template, values, path }: FilledTemplate,
  key: 'success_condition' | 'failure_condition',
): { readonly condition: Condition | null; readonly problems: readonly Problem[] } {
  const written = template[key];
  if (written === undefined) return { condition: null, problems: [] };
  const text = filled(written, values);
  const condition = parseCondition(text);
  if (condition !== null) return { condition, problems: [] };
  const problem = {
    path: `${path}.${key}`,
    expected: 'a condition such as "result <= 5" once its arguments are given',
    got: JSON.stringify(text),
    fix: 'Give the argument a number.',
  };
  return { condition, problems: [problem] };
}

/** A version stands for both: neither changes whether the text is an address. */
const SAMPLE_ARM = { version: 'v1', arm: 'control' };

function addressProblems(provider: Provider, path: string): Problem[] {
  if (provider.type !== 'prometheus' && provider.type !== 'http_json') return [];
  const [key, written] = provider.type === 'prometheus' ? ['address', provider.address] : ['url', provider.url];
  const url = filled(written, SAMPLE_ARM);
  if (isHttpAddress(url) && !hasCredentialsInside(url)) return [];
  const expected = 'an absolute http(s) URL without user, password or token once its arguments are given';
  return [{ path: `${path}.provider.${key}`, expected, got: JSON.stringify(written), fix: 'Correct the argument.' }];
}

const isHttpAddress = (url: string): boolean => /^https?:\/\/[^/]/.test(url) && URL.canParse(url);

/** Limits that no loop of this count could ever break, and a repetition without a pace (Argo refuses both). */
function loopProblems(template: MetricTemplateSpec, path: string): Problem[] {
  const { count, interval, failure_limit, inconclusive_limit, consecutive_success_limit } = template;
  const effective = count ?? (interval === undefined ? 1 : Infinity);
  const unpaced = count !== undefined && count > 1 && interval === undefined;
  const limits = { failure_limit, inconclusive_limit };
  const problems = Object.entries(limits).flatMap(([key, limit]) =>
    limit === null || limit < effective
      ? []
      : [tooLarge(`${path}.${key}`, `less than count (${effective})`, String(limit), `Lower ${key} or raise count.`)],
  );
  const inARow = consecutive_success_limit ?? 0;
  const fix = 'Lower consecutive_success_limit or raise count.';
  return [
    ...(unpaced
      ? [tooLarge(`${path}.interval`, `an interval for ${count} measurements`, 'none', 'Add interval.')]
      : []),
    ...problems,
    ...(inARow > effective
      ? [tooLarge(`${path}.consecutive_success_limit`, `at most count (${effective})`, String(inARow), fix)]
      : []),
  ];
}

const tooLarge = (path: string, expected: string, got: string, fix: string): Problem => ({ path, expected, got, fix });
