import type { HealthCheck } from '#domain/plan/health-check.ts';
import { runHealthCheck, type CheckTools } from '../runtime/run-health-check.ts';
import type { Finding } from './deps.ts';

/** Passes when every check is well; without any check there is nothing to say. */
export async function runHealthChecks(checks: readonly HealthCheck[], tools: CheckTools): Promise<Finding> {
  if (checks.length === 0) return { kind: 'not_evaluated', summary: 'no health check is set up', evidence: null };
  const results = await Promise.all(checks.map((check) => runHealthCheck(check, tools)));
  const sick = results.filter(({ healthy }) => !healthy);
  const evidence = { checks: results };
  if (sick.length === 0) return { kind: 'passed', summary: results.map(({ summary }) => summary).join(', '), evidence };
  return { kind: 'failed', summary: sick.map(({ summary }) => summary).join(', '), evidence };
}
