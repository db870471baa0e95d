import { z } from 'zod';
import { EnginesSpec } from '../containers/application.schema.ts';
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
import { PolicyRulesSpec } from '../policy/policy-rule.schema.ts';
import { RemindingApprovalsSpec } from './policy.schema.ts';
import { promoteWithIssues } from './promote-with.schema.ts';
import { DailyWindowSpec, WindowsSpec } from '../windows/window.schema.ts';
import { STAGES } from './stage.ts';

/** What is deployed to: devices with firmware, or Docker Engines with containers. */
export const TARGETS = ['fleet', 'docker'] as const;
export type Target = (typeof TARGETS)[number];

const environmentFields = {
  name: text('a name').optional().describe('What people read; default its key'),
  target: oneOf(TARGETS).optional().describe('fleet for devices, docker for containers; default fleet'),
  type: oneOf(TARGETS).optional().describe('Another word for target'),
  engines: EnginesSpec.optional().describe('Of target docker; default the one engine of this machine'),
  image_requires: listOf('signature and sbom', oneOf(['signature', 'sbom']))
    .optional()
    .describe('What has to stand beside an image in its registry; default nothing'),
  stage: oneOf(STAGES).optional().describe('Default its key when that is a stage, else development'),
  description: shortText().default('').describe('What it is for'),
  api_endpoints: named('addresses', httpUrl()).default({}).describe('Recorded; not used yet'),
  device_groups: listOf('groups', text('the name of a group')).default([]).describe('Whose devices are deployed to'),
  approval_required: flag().default(false).describe('Whether a run waits for approval before its first device'),
  auto_rollback: flag().default(true).describe('False: a breach pauses the run and asks'),
  health_check_url: httpUrl().optional().describe('Its origin resolves relative endpoints of health checks'),
  notification_channels: listOf('channels', text('a channel')).default([]).describe('Recorded; not used yet'),
  deployment_window: DailyWindowSpec.optional().describe('Outside it runs wait; a rollback never does'),
  deployment_windows: WindowsSpec.optional().describe('The same of several windows, some of which may deny'),
  max_concurrent_deployments: whole(1)
    .optional()
    .describe('How many runs may be under way at once; default that of performance'),
  progress_deadline: duration()
    .optional()
    .describe('Its runs are stopped as by a breach when nothing moves for so long; default 10m, of devices never'),
  rollback_timeout: duration().default(3_600_000).describe('A rollback still open after this ends incomplete'),
  approvals: RemindingApprovalsSpec.optional().describe('Who approves here'),
  health_checks: listOf('health checks', text('the name of a health check'))
    .optional()
    .describe('Which are watched; default all that apply'),
  policy_rules: PolicyRulesSpec.optional().describe(
    'What must hold before each step of the way forward; default nothing',
  ),
  policy_timezone: timezone()
    .optional()
    .describe('Whose clock policy rules see; default that of its windows, if they have one, else UTC'),
  promote_from: text('the name of an environment')
    .optional()
    .describe('Only versions that completed a run there may come here, or what is in use here already; default any'),
  promote_with: z
    .record(z.string(), z.unknown(), { error: 'a section' })
    .optional()
    .describe(
      'How promoted versions go out: the config of a release, or of devices the file of a plan; default theirs',
    ),
};

/** One environment of the configuration. No `device_groups` means every device of the registry. */
export const EnvironmentSpec = section(environmentFields)
  .refine(({ target, type }) => target === undefined || type === undefined || target === type, {
    error: 'the same as target, or one of them left out',
    path: ['type'],
  })
  .refine((one) => targetOf(one) === 'docker' || one.engines === undefined, {
    error: 'no engines, or target docker',
    path: ['engines'],
  })
  .refine((one) => targetOf(one) === 'docker' || one.image_requires === undefined, {
    error: 'no image_requires, or target docker',
    path: ['image_requires'],
  })
  .refine((one) => targetOf(one) === 'fleet' || one.device_groups.length === 0, {
    error: 'no device groups with target docker',
    path: ['device_groups'],
  })
  .superRefine((one, context) => {
    for (const issue of promoteWithIssues(targetOf(one), one.promote_with ?? {})) {
      context.addIssue({ ...issue, path: ['promote_with', ...issue.path] });
    }
  });
export type EnvironmentSpec = z.output<typeof EnvironmentSpec>;

/** `type` is how some write `target`. */
const targetOf = ({ target, type }: { target?: Target | undefined; type?: Target | undefined }): Target =>
  target ?? type ?? 'fleet';
