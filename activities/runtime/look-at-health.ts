import type { Verdict, WatchInput } from '#domain/ports/watch.port.ts';
import { insertEvidence } from '../adapters/postgres/evidence.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { runHealthCheck, type CheckTools } from './run-health-check.ts';

const STEP = 'watch';

export type LookVerdict = Extract<Verdict, { kind: 'healthy' | 'unhealthy' }>;

/** The configured health checks of a run, each with its tries; a failed one is a value with its evidence. */
export async function lookAtHealth(pool: Pool, { run, watch }: WatchInput, tools: CheckTools): Promise<LookVerdict> {
  if (!watch.criteria.onHealthCheckFailure) return { kind: 'healthy' };
  const results = await Promise.all(watch.healthChecks.map((check) => runHealthCheck(check, tools)));
  const sick = results.filter(({ healthy }) => !healthy);
  if (sick.length === 0) return { kind: 'healthy' };
  const summary = `health check failed: ${sick.map((one) => one.summary).join(', ')}`;
  const evidence = await insertEvidence(pool, { run, step: STEP, body: { summary, checks: results } });
  return { kind: 'unhealthy', criterion: 'health-check', summary, evidence };
}
