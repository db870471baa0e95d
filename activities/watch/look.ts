import { describeFailureRate, withUnreleased } from '#domain/fleet/judge-offer.ts';
import { breachesFailureRate, failureRatePercent } from '#domain/fleet/thresholds.ts';
import type { WatchInput } from '#domain/ports/watch.port.ts';
import { failureExamples } from '../adapters/postgres/failure-examples.ts';
import { insertEvidence } from '../adapters/postgres/evidence.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { readStanding } from '../adapters/postgres/rollout-counts.ts';
import { installJobs } from '../adapters/postgres/rollout-jobs.ts';
import { lookAtHealth, type LookVerdict } from '../runtime/look-at-health.ts';
import type { CheckTools } from '../runtime/run-health-check.ts';

const STEP = 'watch';
const EXAMPLES_IN_EVIDENCE = 50;

/** One look at all criteria of a run. A bad outcome is a value, with its evidence stored; throws when it could not be seen. */
export async function look(pool: Pool, input: WatchInput, tools: CheckTools): Promise<LookVerdict> {
  const rate = await lookAtRate(pool, input);
  return rate.kind === 'unhealthy' ? rate : lookAtHealth(pool, input, tools);
}

async function lookAtRate(pool: Pool, { run, watch: { criteria } }: WatchInput): Promise<LookVerdict> {
  if (criteria.maxFailureRatePercent === null) return { kind: 'healthy' };
  const { run: counts, unreleased } = await readStanding(pool, run);
  if (!breachesFailureRate(withUnreleased(counts, unreleased), criteria)) return { kind: 'healthy' };
  const summary = describeFailureRate(counts, criteria);
  const examples = await failureExamples(pool, await installJobs(pool, run), EXAMPLES_IN_EVIDENCE);
  const evidence = await insertEvidence(pool, { run, step: STEP, body: { summary, criteria, counts, examples } });
  return {
    kind: 'unhealthy',
    criterion: 'failure-rate',
    failureRatePercent: failureRatePercent(counts),
    summary,
    evidence,
  };
}
