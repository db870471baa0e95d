import { z } from 'zod';
import {
  duration,
  listOf,
  LONGEST_CHECK_MS,
  oneOf,
  percent,
  section,
  shortText,
  text,
  whole,
} from '../environments/fields.schema.ts';
import { GatesSpec, QualityGatesSpec } from '../environments/gate.schema.ts';
import { InlineHealthCheck } from '../environments/health-check.schema.ts';
import { ApprovalsSpec, RollbackCriteriaSpec } from '../environments/policy.schema.ts';
import { ScheduleSpec } from '../windows/schedule.schema.ts';
import { WavesSpec } from './wave.schema.ts';

const checkName = text('the name of a health check');

/** A plan as people write it. Whatever is left out comes from the environment, the configuration, a default. */
export const PlanFile = section({
  name: text('a name').max(200, { error: 'a name of at most 200 characters' }).describe('What people read'),
  description: shortText().max(4_000, { error: 'at most 4000 characters' }).default('').describe('Why'),
  firmware_version: text('a version').describe('The version to install; latest takes the highest and pins it'),
  firmware: text('the name of an artifact').optional().describe('Needed when several artifacts have that version'),
  source_environment: text('the name of an environment').optional().describe('Where it was tried before; recorded'),
  target_environment: text('the name of an environment').describe('Where it goes'),
  strategy: text('a strategy').describe('canary, rolling, immediate or blue_green, in any spelling'),
  rollout_percentage: percent(0.01).optional().describe('Where the rollout ends; default 100'),
  canary_percentage: percent(0.01).optional().describe('First wave of a canary; default 10'),
  batch_percentage: percent(0.01)
    .min(1, { error: 'a percentage from 1 to 100' })
    .optional()
    .describe('Batch of a rolling update; default 10'),
  switch_timeout: duration().optional().describe('Deadline of the activation of blue_green; default 5m'),
  waves: WavesSpec.optional().describe('Waves by hand instead of the strategy’s'),
  bake: duration('zero').default(300_000).describe('How long each wave is watched after it ended well; default 5m'),
  rate: section({ maximum_per_minute: whole(1) })
    .optional()
    .describe('Default: as fast as devices take it'),
  progress_deadline: duration()
    .nullable()
    .optional()
    .describe('A wave in which no device begins or ends for so long is a breach; default the environment’s, null none'),
  success_threshold: percent().default(90).describe('Percent of the offered devices that must succeed; default 90'),
  timeouts: section({
    deployment: duration().optional().describe('Deadline of each wave; default performance.deployment_timeout'),
    in_progress: duration()
      .optional()
      .describe('From IN_PROGRESS to an end, per device; default 3600 s or the deadline'),
    health_check: duration('above-zero', LONGEST_CHECK_MS)
      .optional()
      .describe('Of each try of a health check of the configuration, up to 1 h'),
  }).optional(),
  confirm: oneOf(['succeeded', 'reported']).default('succeeded').describe('How a device proves what it runs'),
  confirm_within: duration().default(600_000).describe('From the end of the install to the proof; default 10m'),
  health_checks: listOf('health checks', z.union([checkName, InlineHealthCheck])).optional(),
  quality_gates: QualityGatesSpec.optional(),
  gates: GatesSpec.optional(),
  rollback_criteria: RollbackCriteriaSpec.optional(),
  approvals: ApprovalsSpec.optional(),
  schedule: ScheduleSpec.optional().describe('When it begins; default when it is started'),
});
export type PlanFile = z.output<typeof PlanFile>;
