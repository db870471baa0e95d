import { describe, expect, it, test } from 'vitest';
import { AnalysisSpec, MetricTemplatesSpec } from '#domain/analysis/metric-template.schema.ts';
import { forArm } from '#domain/analysis/placeholders.ts';
import { settleAnalysis, type AnalysisSettlement } from '#domain/analysis/settle-analysis.ts';
import { section } from '#domain/environments/fields.schema.ts';
import { describeProblem } from '#domain/environments/problem.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import { checkDocument, readDocument } from '../../../client/engine/environments/read-document.ts';

const File = section({ metric_templates: MetricTemplatesSpec, analysis: AnalysisSpec });

const parse = (yaml: string) =>
  checkDocument(File, readDocument({ content: yaml, name: 'config.yaml' }), 'config.yaml');

function settle(yaml: string): AnalysisSettlement {
  const { metric_templates: templates, analysis } = parse(yaml);
  return settleAnalysis({ analysis, templates, path: 'analysis' });
}

function settled(yaml: string) {
  const found = settle(yaml);
  if (found.kind === 'settled') return found.analysis;
  throw new Error(found.problems.map(describeProblem).join('\n'));
}

const problems = (yaml: string): string[] => {
  const found = settle(yaml);
  return found.kind === 'refused' ? found.problems.map(describeProblem) : [];
};

function refusal(yaml: string): string[] {
  try {
    parse(yaml);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    return error.message.split('\n');
  }
  return [];
}

const TEMPLATES = `
metric_templates:
  errors:
    args: [{ name: service }, { name: range, value: 5m }, { name: limit, value: 1 }]
    provider:
      type: prometheus
      address: http://prometheus.example:9090
      query: sum(rate(errors{service="{{args.service}}",version="{{ args.version }}"}[{{args.range}}]))
    direction: increase
    success_condition: result <= {{args.limit}}
    interval: 30s
    count: 5
    failure_limit: 1
  latency:
    provider: { type: haproxy, metric: response_time_ms }
    critical: true
    critical_increase: 1.5
    outliers: remove
`;
const analysis = (text: string): string => `${TEMPLATES}analysis: ${text}`;

describe('a settled analysis', () => {
  it('has its arguments in place, and the version open', () => {
    const { metrics } = settled(
      analysis('{ metrics: [{ template: errors, args: [{ name: service, value: shop }] }] }'),
    );
    expect(metrics[0]?.provider).toEqual({
      type: 'prometheus',
      address: 'http://prometheus.example:9090',
      query: 'sum(rate(errors{service="shop",version="{{ args.version }}"}[5m]))',
    });
    expect(metrics[0]?.conditions).toEqual({ success: { operator: '<=', threshold: 1 }, failure: null });
    expect(metrics[0]?.loop).toMatchObject({ intervalMs: 30_000, count: 5, failureLimit: 1 });
  });

  it('asks for each version by its own name', () => {
    const [metric] = settled(
      analysis('{ metrics: [{ template: errors, args: [{ name: service, value: shop }] }] }'),
    ).metrics;
    if (!metric) throw new Error('no metric');
    expect(forArm(metric.provider, { arm: 'control', version: '1.4.2' })).toMatchObject({
      query: 'sum(rate(errors{service="shop",version="1.4.2"}[5m]))',
    });
    const stats = { type: 'container_stats', metric: 'cpu_percent' } as const;
    expect(forArm(stats, { arm: 'experiment', version: '2' })).toEqual(stats);
  });

  it('takes an argument that is given before one of the template, numbers too', () => {
    const given = '{ name: service, value: shop }, { name: limit, value: 2.5 }, { name: range, value: 1m }';
    const [metric] = settled(analysis(`{ metrics: [{ template: errors, args: [${given}] }] }`)).metrics;
    expect(metric?.conditions.success).toEqual({ operator: '<=', threshold: 2.5 });
    expect(metric?.provider).toMatchObject({ query: expect.stringContaining('[1m]') as string });
  });

  it('has Kayenta’s and Argo’s defaults', () => {
    const found = settled(analysis('{ metrics: [{ template: latency }] }'));
    expect(found.thresholds).toEqual({ pass: 75, marginal: 50 });
    expect(found.metrics[0]).toEqual({
      name: 'latency',
      group: 'all',
      provider: { type: 'haproxy', metric: 'response_time_ms' },
      rules: {
        direction: 'either',
        nanStrategy: 'remove',
        outliers: { kind: 'remove', factor: 3 },
        tolerance: 0.25,
        effect: { measure: 'mean_ratio', allowed: { increase: 1, decrease: 1 } },
        criticality: { kind: 'critical', limits: { increase: 1.5, decrease: 1 } },
        mustHaveData: false,
      },
      conditions: { success: null, failure: null },
      loop: {
        initialDelayMs: 0,
        intervalMs: 10_000,
        count: 1,
        failureLimit: 0,
        inconclusiveLimit: 0,
        consecutiveErrorLimit: 4,
        consecutiveSuccessLimit: null,
        isDryRun: false,
        measurementRetention: 10,
      },
    });
  });

  it('is plain JSON', () => {
    const found = settled(analysis('{ metrics: [{ template: latency }], weights: { all: 100 } }'));
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('does not look for arguments inside an argument', () => {
    const given = '{ name: service, value: "{{args.range}}" }';
    const [metric] = settled(analysis(`{ metrics: [{ template: errors, args: [${given}] }] }`)).metrics;
    expect(metric?.provider).toMatchObject({ query: expect.stringContaining('"{{args.range}}"') as string });
  });
});

describe('an analysis that leads nowhere is refused', () => {
  test.each([
    [
      'an unknown template',
      '{ metrics: [{ template: latencyy }] }',
      'analysis.metrics[0].template: expected the name of a known metric template, got "latencyy". Did you mean latency?',
    ],
    [
      'a missing argument',
      '{ metrics: [{ template: latency }, { template: errors }] }',
      'analysis.metrics[1].args: expected a value for argument service, got none. Add { name: service, value: … } there, or a value to service in metric_templates.errors.args.',
    ],
    [
      'an unknown argument',
      '{ metrics: [{ template: errors, args: [{ name: service, value: a }, { name: rnge, value: 1m }] }] }',
      'analysis.metrics[0].args[1].name: expected the name of a known argument, got "rnge". Did you mean range?',
    ],
    [
      'an argument given twice',
      '{ metrics: [{ template: errors, args: [{ name: service, value: a }, { name: service, value: b }] }] }',
      'analysis.metrics[0].args[1].name: expected each argument once, got service. Remove it.',
    ],
    [
      'an argument that makes no condition',
      '{ metrics: [{ template: errors, args: [{ name: service, value: a }, { name: limit, value: few }] }] }',
      'metric_templates.errors.success_condition: expected a condition such as "result <= 5" once its arguments are given, got "result <= few". Give the argument a number.',
    ],
    [
      'two metrics of one name',
      '{ metrics: [{ template: latency }, { template: latency }] }',
      'analysis.metrics[1].name: expected each metric once, got latency. Give it a name of its own.',
    ],
    [
      'a weight of no group',
      '{ metrics: [{ template: latency }], weights: { al: 50 } }',
      'analysis.weights.al: expected the name of a known group of a scored metric, got "al". Did you mean all?',
    ],
    [
      'weights that cannot reach 100',
      '{ metrics: [{ template: latency }], weights: { all: 50 } }',
      'analysis.weights: expected weights that add up to 100, got 50. Correct the weights.',
    ],
  ])('%s', (_what, text, problem) => {
    expect(problems(analysis(text))).toEqual([problem]);
  });

  const one = (fields: string): string =>
    `metric_templates: { m: { ${fields} } }\nanalysis: { metrics: [{ template: m }] }`;
  const HAPROXY = 'provider: { type: haproxy, metric: error_rate_percent }';

  test.each([
    [
      'a placeholder of no argument',
      'provider: { type: http_json, url: "http://a/{{args.pth}}", json_path: v }, args: [{ name: path, value: x }]',
      /^metric_templates\.m\.provider\.url: expected the name of a known argument, got "pth"\. Did you mean path\?$/,
    ],
    [
      'an argument with the version’s own name',
      `${HAPROXY}, args: [{ name: version, value: x }]`,
      /expected no argument named version or arm/,
    ],
    [
      'an argument declared twice',
      `${HAPROXY}, args: [{ name: a, value: x }, { name: a, value: y }]`,
      /^metric_templates\.m\.args\[1\]\.name: expected each argument once/,
    ],
    [
      'an address that an argument spoils',
      'provider: { type: http_json, url: "{{args.base}}/x", json_path: v }, args: [{ name: base, value: "ftp://a" }]',
      /^metric_templates\.m\.provider\.url: expected an absolute http\(s\) URL .*once its arguments are given/,
    ],
    [
      'an address that an argument gives a password',
      'provider: { type: http_json, url: "{{args.base}}/x", json_path: v }, args: [{ name: base, value: "http://ada:pw@a" }]',
      /^metric_templates\.m\.provider\.url: expected an absolute http\(s\) URL without user/,
    ],
    [
      'a placeholder with a slip in it',
      'provider: { type: http_json, url: "http://a/{{arg.path}}", json_path: v }, args: [{ name: path, value: x }]',
      /^metric_templates\.m\.provider\.url: expected placeholders such as \{\{args\.service\}\}/,
    ],
    [
      'a version in a condition',
      `${HAPROXY}, success_condition: "result < {{args.version}}"`,
      /success_condition: expected the name of a known argument/,
    ],
    [
      'measurements without a pace',
      `${HAPROXY}, count: 3`,
      /^metric_templates\.m\.interval: expected an interval for 3 measurements, got none\. Add interval\.$/,
    ],
    [
      'a limit that is never broken',
      `${HAPROXY}, failure_limit: 1`,
      /^metric_templates\.m\.failure_limit: expected less than count \(1\), got 1/,
    ],
    [
      'more successes in a row than measurements',
      `${HAPROXY}, count: 2, interval: 1s, consecutive_success_limit: 3`,
      /consecutive_success_limit: expected at most count \(2\), got 3/,
    ],
  ])('%s', (_what, fields, problem) => {
    const found = problems(one(fields));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(problem);
  });

  test.each([
    [
      'an unknown key',
      `${HAPROXY}, tolerence: 0.1`,
      /tolerence: expected a known key, got an unknown one\. Did you mean tolerance\?/,
    ],
    [
      'an unknown provider',
      'provider: { type: graphite }',
      /provider\.type: expected one of haproxy, prometheus, http_json, container_stats, got "graphite"/,
    ],
    [
      'an unknown metric',
      'provider: { type: container_stats, metric: disk }',
      /provider\.metric: expected one of cpu_percent, memory_bytes, got "disk"/,
    ],
    [
      'a condition that is a program',
      `${HAPROXY}, failure_condition: "exit(1)"`,
      /failure_condition: expected a condition such as "result <= 5"/,
    ],
    [
      'a password in an address',
      'provider: { type: prometheus, address: "http://ada:pw@a", query: up }',
      /provider\.address: expected the address of a Prometheus server/,
    ],
    [
      'a path with a script in it',
      'provider: { type: http_json, url: "http://a", json_path: "$..a b" }',
      /json_path: expected keys and indices with dots between/,
    ],
    [
      'a direction that is none',
      `${HAPROXY}, direction: up`,
      /direction: expected one of increase, decrease, either, got "up"/,
    ],
  ])('%s', (_what, fields, problem) => {
    expect(refusal(one(fields)).join('\n')).toMatch(problem);
  });

  it('no metric at all, and thresholds the wrong way round', () => {
    expect(refusal(`${TEMPLATES}analysis: { metrics: [] }`)[0]).toMatch(
      /^analysis\.metrics: expected at least one metric/,
    );
    expect(refusal(analysis('{ metrics: [{ template: latency }], pass: 50, marginal: 60 }'))[0]).toMatch(
      /^analysis\.marginal: expected a marginal score of at most pass/,
    );
  });
});
