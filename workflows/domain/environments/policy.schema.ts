import type { z } from 'zod';
import { duration, flag, listOf, LONGEST_CHECK_MS, named, percent, section, text, whole } from './fields.schema.ts';

const policyFields = {
  quorum: whole(1, 50).optional().describe('Distinct people who must approve; default 1'),
  role: text('a role').optional().describe('The role each of them must have; default approver'),
  expires_in: duration()
    .nullable()
    .optional()
    .describe('A gate still undecided after this ends the run; default never'),
};

const approvalsFields = {
  ...policyFields,
  before_waves: listOf('wave numbers', whole(1, 1_000))
    .optional()
    .describe('Waves that wait for an approval of their own; default none'),
  immediate: section(policyFields).optional().describe('What strategy immediate asks for instead'),
};

/** Who approves; in the configuration, in an environment and in a plan file (which may ask for more, never for less). */
export const ApprovalsSpec = section(approvalsFields);
export type ApprovalsSpec = z.output<typeof ApprovalsSpec>;

/** The same where the rules of a place stand: when its people are reminded is nothing that a plan is approved with. */
export const RemindingApprovalsSpec = section({
  ...approvalsFields,
  remind_after: duration()
    .nullable()
    .optional()
    .describe(
      'People who are asked are reminded after this, and each time it passes again, ten times; default 24h, null never',
    ),
});
export type RemindingApprovalsSpec = z.output<typeof RemindingApprovalsSpec>;

export const ManualGateSpec = section(policyFields);
export type PolicySpec = z.output<typeof ManualGateSpec>;

export const RollbackCriteriaSpec = section({
  max_failure_rate: percent()
    .nullable()
    .optional()
    .describe('Failed devices in percent of those that ended; more roll back. Default 10, null watches none'),
  minimum_executed: whole(1).optional().describe('Devices that must have ended before the rate counts; default 10'),
  health_check_failure: flag().optional().describe('Whether a failed health check rolls back; default true'),
  performance_degradation: percent()
    .optional()
    .describe('Of containers: percent by which a version may be slower than the one before; recorded of devices'),
  user_reported_issues: whole(0)
    .optional()
    .describe('Of containers: so many reports roll back, 0 counts as 1; recorded of devices'),
});
export type RollbackCriteriaSpec = z.output<typeof RollbackCriteriaSpec>;

export const PerformanceSpec = section({
  max_concurrent_deployments: whole(1)
    .optional()
    .describe('How many runs may be under way at once in an environment; default 5'),
  deployment_timeout: duration().optional().describe('Deadline of each wave; default 3600 s'),
  health_check_timeout: duration('above-zero', LONGEST_CHECK_MS)
    .optional()
    .describe('Time-out of a check that names none, up to 1 h; default 300 s'),
  worker_threads: whole(1).optional().describe('Recorded; not used yet'),
});

/** `ada: { roles: [approver] }` */
export const PeopleSpec = named('people', section({ roles: listOf('roles', text('a role')) }));
