import type { RollbackCriteriaSpec } from '../environments/policy.schema.ts';
import type { RollbackCriteria } from './plan-base.ts';

/** What takes a run back by itself; the plan file's word wins over the configuration's. */
export function settleCriteria(
  configured: RollbackCriteriaSpec | undefined,
  planned: RollbackCriteriaSpec | undefined,
): RollbackCriteria {
  const given: RollbackCriteriaSpec = { ...configured, ...planned };
  const { performance_degradation: performance, user_reported_issues: issues } = given;
  return {
    maxFailureRatePercent: given.max_failure_rate === undefined ? 10 : given.max_failure_rate,
    minimumExecuted: given.minimum_executed ?? 10,
    onHealthCheckFailure: given.health_check_failure ?? true,
    ...(performance !== undefined && { performanceDegradationPercent: performance }),
    ...(issues !== undefined && { userReportedIssues: issues }),
  };
}
