import { z } from 'zod';
import { AnalysisSpec, MetricTemplatesSpec } from '../analysis/metric-template.schema.ts';
import { ApplicationSpec, HealthSpec } from '../containers/application.schema.ts';
import { duration, listOf, oneOf, percent, section, shortText, text, whole } from '../environments/fields.schema.ts';
import { GatesSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import { InlineHealthCheck } from '../environments/health-check.schema.ts';
import { ApprovalsSpec, RollbackCriteriaSpec } from '../environments/policy.schema.ts';
import { ScheduleSpec } from '../windows/schedule.schema.ts';
import { HooksSpec } from './hook.schema.ts';

const DAY_MS = 86_400_000;
const MOST_WEIGHTS = 100;

const weights = listOf('percentages', percent(0.01))
  .min(1, { error: 'at least one percentage' })
  .max(MOST_WEIGHTS, { error: `at most ${MOST_WEIGHTS} percentages` })
  .refine((steps) => steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0)), {
    error: 'percentages that rise',
  });

const routing = ApplicationSpec.shape.routing.unwrap().shape;

const strategyFields = {
  strategy: text('a strategy')
    .default('rolling')
    .describe('rolling, blue_green, canary, recreate or immediate, in any spelling; default rolling'),
  replicas: whole(1, 500).optional().describe('Instances; default the application’s'),
  max_surge: whole(0, 500).default(1).describe('Of rolling: instances beyond the wanted number; default 1'),
  max_unavailable: whole(0, 500).default(0).describe('Of rolling: instances that may be missing; default 0'),
  canary_steps: weights
    .default([10, 25, 50, 100])
    .describe('Of canary: percent of the traffic; default 10, 25, 50, 100'),
  bake: duration('zero')
    .optional()
    .describe('Watched after each shift or batch; default canary 5m, rolling and blue_green 30s, else 0s'),
  switch_timeout: duration('above-zero', DAY_MS).default(300_000).describe('How long a shift may take; default 5m'),
  timeout: duration('above-zero', DAY_MS)
    .default(600_000)
    .describe('How long new instances have to become ready; default 10m'),
  maximum_hold: duration('above-zero', DAY_MS)
    .default(60_000)
    .describe('Of recreate: how long requests wait while nothing serves; default 1m'),
};

const ruleFields = {
  progress_deadline: duration('above-zero', DAY_MS)
    .optional()
    .describe('Without progress for so long it fails; default the environment’s, else 10m'),
  on_running: oneOf(['queue', 'supersede', 'refuse'])
    .default('queue')
    .describe('While another version is on its way: wait behind it, take over, or be refused; default queue'),
  on_bad_stable: oneOf(['go_on', 'stop'])
    .default('go_on')
    .describe('When the version in use is unhealthy before the switch; default go_on'),
};

const checkName = text('the name of a health check');

/** All of a release that is not its application, version and environment. */
export const ReleaseConfig = section({
  name: text('a name').max(200, { error: 'a name of at most 200 characters' }).optional().describe('What people read'),
  description: shortText().max(4_000, { error: 'at most 4000 characters' }).default('').describe('Why'),
  source_environment: text('the name of an environment').optional().describe('Where it was tried before; recorded'),
  ...strategyFields,
  ...ruleFields,
  health_check: HealthSpec.optional().describe('When an instance is ready; default the application’s'),
  mirror: routing.mirror.describe('Default the application’s'),
  header: routing.header.describe('Default the application’s'),
  allow_clients: routing.allow_clients.unwrap().optional().describe('Default the application’s'),
  allow_networks: routing.allow_networks.unwrap().optional().describe('Default the application’s'),
  hooks: HooksSpec.default({ before: [], after: [] }),
  health_checks: listOf('health checks', z.union([checkName, InlineHealthCheck])).optional(),
  quality_gates: QualityGatesSpec.optional(),
  gates: GatesSpec.optional(),
  rollback_criteria: RollbackCriteriaSpec.optional(),
  approvals: ApprovalsSpec.optional(),
  schedule: ScheduleSpec.optional().describe('When it begins; default when it is started'),
  metric_templates: MetricTemplatesSpec.optional().describe('Beside those of the configuration'),
  analysis: AnalysisSpec.nullable()
    .optional()
    .describe('Judges it after each bake; null switches the configuration’s off'),
});
export type ReleaseConfig = z.output<typeof ReleaseConfig>;

/** The release of one application as people write it. Whatever is left out comes from application, environment, configuration, a default. */
export const ReleaseFile = section({
  application: text('the name of an application').describe('One of sluice app list'),
  version: text('a version').describe('Becomes the image’s tag, whose digest the plan pins'),
  environment: text('the name of an environment').describe('One with target docker'),
  config: ReleaseConfig.prefault({}).describe('How it goes out'),
});
export type ReleaseFile = z.output<typeof ReleaseFile>;

/** What a release has below `config`: known so that a slip of level is told as one. */
export const RELEASE_CONFIG_KEYS: readonly string[] = Object.keys(ReleaseConfig.shape);
