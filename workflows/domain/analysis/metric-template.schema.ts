import { z } from 'zod';
import { hasCredentialsInside } from '../environments/credentials-inside.ts';
import {
  duration,
  flag,
  isHttpUrl,
  listOf,
  NAME,
  NAME_EXPECTED,
  named,
  oneOf,
  percent,
  script,
  section,
  text,
  whole,
} from '../environments/fields.schema.ts';
import { CONTAINER_METRICS, DIRECTIONS, EFFECT_MEASURES, HAPROXY_METRICS, NAN_STRATEGIES } from './analysis.ts';
import { parseCondition } from './condition.ts';
import { ARGUMENT_NAME, placeholdersIn } from './placeholders.ts';

const hasPlaceholders = (value: string): boolean => placeholdersIn(value).length > 0;

/** Checked in full once the arguments are in their places. */
const address = (expected: string) =>
  text(expected)
    .refine((value) => hasPlaceholders(value) || isHttpUrl(value), { error: `${expected} (an absolute http(s) URL)` })
    .refine((value) => !hasCredentialsInside(value), { error: `${expected} without user, password or token` });

const condition = () =>
  text('a condition').refine((value) => hasPlaceholders(value) || parseCondition(value) !== null, {
    error: 'a condition such as "result <= 5" (with <, <=, >, >= or == and a number)',
  });

const argumentName = text('an argument’s name').regex(ARGUMENT_NAME, {
  error: 'an argument’s name of at most 64 characters A-Z a-z 0-9 _ - that begins with a letter',
});

const argumentValue = z
  .union([text('a value'), z.number()], { error: 'a value: text or a number' })
  .transform((value) => String(value));

/** A number in a range; `what` names it in the refusal. */
const number = (min: number, max: number) => {
  const error = `a number from ${min} to ${max}`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};

const ProviderSpec = z.discriminatedUnion(
  'type',
  [
    section({
      type: z.literal('haproxy'),
      metric: oneOf(HAPROXY_METRICS).describe('Counted by the load balancer for each version'),
    }),
    section({
      type: z.literal('prometheus'),
      address: address('the address of a Prometheus server').describe('Where the query is sent'),
      query: script('a PromQL query').describe(
        'Must give one value; {{args.version}} is the version that is asked about',
      ),
    }),
    section({
      type: z.literal('http_json'),
      url: address('the address of a JSON document').describe('Asked by GET'),
      json_path: text('a path such as data.0.value')
        .regex(/^[^.\s]+(\.[^.\s]+)*$/, { error: 'keys and indices with dots between, such as data.0.value' })
        .describe('Where in the answer the number stands'),
    }),
    section({
      type: z.literal('container_stats'),
      metric: oneOf(CONTAINER_METRICS).describe('Of the containers of each version, on average'),
    }),
  ],
  { error: 'a provider with type haproxy, prometheus, http_json or container_stats' },
);
export type ProviderSpec = z.output<typeof ProviderSpec>;

const judgeFields = {
  direction: oneOf(DIRECTIONS).default('either').describe('Which change is bad'),
  nan_strategy: oneOf(NAN_STRATEGIES)
    .default('remove')
    .describe('Samples without a number are left out, or count as 0'),
  outliers: oneOf(['keep', 'remove']).default('keep').describe('Whether far values are left out'),
  outlier_factor: number(0, 1_000).default(3).describe('How many interquartile ranges away a value is far'),
  tolerance: number(0, 10).default(0.25).describe('Part of the estimated shift that its interval must be away from 0'),
  effect_size: oneOf(EFFECT_MEASURES).default('mean_ratio').describe('How the size of a change is measured'),
  allowed_increase: number(0, 1_000).optional().describe('A smaller effect is no increase; default 1, cles 0.5'),
  allowed_decrease: number(0, 1_000).optional().describe('A larger effect is no decrease; default 1, cles 0.5'),
  critical: flag().default(false).describe('Whether its failure, or lack of data, fails the whole analysis'),
  critical_increase: number(0, 1_000)
    .optional()
    .describe('The effect from which an increase is critical; default 1, cles 0.5'),
  critical_decrease: number(0, 1_000)
    .optional()
    .describe('The effect up to which a decrease is critical; default 1, cles 0.5'),
  must_have_data: flag().default(false).describe('Whether no data counts as failed'),
  group: text('a group')
    .regex(NAME, { error: NAME_EXPECTED })
    .default('all')
    .describe('Scored together; weighed by analysis.weights'),
};

const loopFields = {
  success_condition: condition()
    .optional()
    .describe('A measurement succeeds by it; default when failure_condition does not hold'),
  failure_condition: condition()
    .optional()
    .describe('A measurement fails by it; default when success_condition does not hold'),
  interval: duration()
    .optional()
    .describe('Between measurements, and after an error; default one measurement, 10 s after an error'),
  count: whole(1).optional().describe('Measurements in all; default 1, with an interval until the step ends'),
  failure_limit: whole(0).nullable().default(0).describe('More failures fail the metric; null allows any number'),
  consecutive_error_limit: whole(0).default(4).describe('More errors in a row end it with an error'),
  consecutive_success_limit: whole(1)
    .optional()
    .describe('Successes in a row that succeed at once; without them it is inconclusive'),
  inconclusive_limit: whole(0).default(0).describe('More inconclusive measurements pause for a human'),
  initial_delay: duration('zero').default(0).describe('Before the first measurement'),
  dry_run: flag().default(false).describe('Measured and shown without effect on the verdict'),
  measurement_retention: whole(1, 1_000).default(10).describe('Last measurements that are kept'),
};

const templateArguments = listOf(
  'arguments',
  section({ name: argumentName, value: argumentValue.optional().describe('Used when the analysis gives none') }),
);

/** One metric with arguments; every analysis that names it gives them values. */
export const MetricTemplateSpec = section({
  args: templateArguments.default([]).describe('Put in place of {{args.name}}'),
  provider: ProviderSpec.describe('Where its values come from'),
  ...judgeFields,
  ...loopFields,
});
export type MetricTemplateSpec = z.output<typeof MetricTemplateSpec>;

export const MetricTemplatesSpec = named('metric templates', MetricTemplateSpec);
export type MetricTemplatesSpec = z.output<typeof MetricTemplatesSpec>;

const AnalysisMetric = section({
  template: text('the name of a metric template').describe('One of metric_templates'),
  name: text('a name')
    .regex(NAME, { error: NAME_EXPECTED })
    .optional()
    .describe('In the verdict; default the template’s'),
  args: listOf('arguments', section({ name: argumentName, value: argumentValue }))
    .default([])
    .describe('Its arguments'),
});

/** What decides on a new version, and by which score. */
export const AnalysisSpec = section({
  metrics: listOf('metrics', AnalysisMetric).min(1, { error: 'at least one metric' }),
  pass: percent().default(75).describe('Score from which the new version goes on'),
  marginal: percent().default(50).describe('Score below which it is stopped at once'),
  weights: named('weights', percent())
    .default({})
    .describe('Percent of the score by group; the others share what is left'),
}).refine((analysis) => analysis.marginal <= analysis.pass, {
  error: 'a marginal score of at most pass',
  path: ['marginal'],
});
export type AnalysisSpec = z.output<typeof AnalysisSpec>;
