import type { z } from 'zod';
import {
  duration,
  flag,
  httpUrl,
  listOf,
  named,
  oneOf,
  section,
  shortText,
  text,
  timezone,
  whole,
} from './fields.schema.ts';
import { ApprovalsSpec } from './policy.schema.ts';
import { STAGES } from './stage.ts';

const timeOfDay = (pattern: RegExp, expected: string) => text('a time of day').regex(pattern, { error: expected });

const WindowSpec = section({
  start_time: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day such as "02:00"').describe('When it opens'),
  end_time: timeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'a time of day such as "06:00"').describe(
    'When it closes; earlier than start_time means on the next day',
  ),
  timezone: timezone().default('UTC').describe('Whose clock both are read on'),
}).refine((window) => window.start_time !== window.end_time, {
  error: 'two different times (without deployment_window an environment is always open)',
});

/** One environment of the configuration. No `device_groups` means every device of the registry. */
export const EnvironmentSpec = section({
  name: text('a name').optional().describe('What people read; default its key'),
  stage: oneOf(STAGES).optional().describe('Default its key when that is a stage, else development'),
  description: shortText().default('').describe('What it is for'),
  api_endpoints: named('addresses', httpUrl()).default({}).describe('Recorded; not used yet'),
  device_groups: listOf('groups', text('the name of a group')).default([]).describe('Whose devices are deployed to'),
  approval_required: flag().default(false).describe('Whether a run waits for approval before its first device'),
  auto_rollback: flag().default(true).describe('False: a breach pauses the run and asks'),
  health_check_url: httpUrl().optional().describe('Its origin resolves relative endpoints of health checks'),
  notification_channels: listOf('channels', text('a channel')).default([]).describe('Recorded; not used yet'),
  deployment_window: WindowSpec.optional().describe('Outside it no run starts; a rollback always may'),
  max_concurrent_deployments: whole(1).optional().describe('Recorded; one run at a time holds an environment'),
  rollback_timeout: duration().default(3_600_000).describe('A rollback still open after this ends incomplete'),
  approvals: ApprovalsSpec.optional().describe('Who approves here'),
  health_checks: listOf('health checks', text('the name of a health check'))
    .optional()
    .describe('Which are watched; default all that apply'),
});
export type EnvironmentSpec = z.output<typeof EnvironmentSpec>;
