import { flag, listOf, oneOf, section, text, timezone } from '../environments/fields.schema.ts';

const WINDOW = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const WINDOW_EXPECTED = 'two different times of day such as "22:00-23:00"';

/** What a release is measured by, in the words of the specification. */
export const RELEASE_METRICS = ['release_time', 'success_rate', 'rollback_rate'] as const;

/** Rules for releases of several applications: section `release` of the configuration. */
export const JointReleaseSpec = section({
  planning: section({
    enabled: flag().default(true).describe('Whether the rules of this part count; default true'),
    approval_required: flag().default(false).describe('One approval before its first application; default false'),
  }).optional(),
  scheduling: section({
    enabled: flag().default(true).describe('Whether the rules of this part count; default true'),
    maintenance_window: text('two times of day')
      .refine((window) => WINDOW.test(window) && window.slice(0, 5) !== window.slice(6), { error: WINDOW_EXPECTED })
      .optional()
      .describe('Every day, when releases may begin; default: when their environment may be deployed to'),
    timezone: timezone().optional().describe('Whose clock; default that of the environment’s first window, else UTC'),
  }).optional(),
  monitoring: section({
    enabled: flag().default(true).describe('Whether release list tells the metrics; default true'),
    metrics: listOf('metrics', oneOf(RELEASE_METRICS)).optional().describe('Which of them; default all'),
  }).optional(),
});
