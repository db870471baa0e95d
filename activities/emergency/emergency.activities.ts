import { Context } from '@temporalio/activity';
import { planWaysBack, type WaysBack } from '#domain/emergency/plan-ways-back.ts';
import { errorReport } from '#domain/errors/failure.ts';
import { outgoingOf } from '#domain/journal/outgoing.ts';
import type {
  EmergencyActivities,
  PlanWaysBackInput,
  RecordEmergencyInput,
  RunEnded,
} from '#domain/ports/emergency.port.ts';
import { markEnded, markReleased, readPresent, saveReport } from '../adapters/postgres/emergencies.ts';
import { inTransaction, type Pool } from '../adapters/postgres/pool.ts';
import { insertRunEvents } from '../adapters/postgres/run-events.ts';
import { announceRun, insertOutgoing } from '../adapters/postgres/run-journal.ts';
import { readRun } from '../adapters/postgres/runs.ts';
import { holdCoordinator, releaseCoordinator } from '../adapters/temporal/hold-coordinator.ts';
import { failureOf } from '../runtime/fail.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import type { EmergencyDeps } from './deps.ts';
import { endsOf, runsOfEmergency } from './runs-of-emergency.ts';
import { stopRuns } from './stop-runs.ts';

const LOOK_AGAIN_MS = 300;

/** What the rollback of a whole environment does. */
export function createEmergencyActivities(deps: EmergencyDeps): EmergencyActivities {
  const beating = <Input, Output>(work: (input: Input) => Promise<Output>) =>
    guarded((input: Input) => withHeartbeat(() => work(input), Context.current().info.startToCloseTimeoutMs));
  const { pool } = deps;
  return {
    takeHold: beating(async (input) => holdCoordinator(await deps.temporal(), deps.queues, input)),
    stopRuns: beating((input) => stopRuns(deps, input)),
    planWaysBack: beating((input) => plan(pool, input)),
    startRollback: beating((input) => deps.startRollback(input)),
    awaitRun: beating(({ run }) => ended(pool, run)),
    recordEmergency: beating((input) => record(pool, input)),
    endEmergency: beating(async ({ id, environment, at }) => {
      // In this order: a coordinator whose books are made up meanwhile reads the row.
      await markEnded(pool, id, at);
      await releaseCoordinator(await deps.temporal(), environment, id);
      await markReleased(pool, id);
    }),
  };
}

async function plan(pool: Pool, { id, environment, to }: PlanWaysBackInput): Promise<WaysBack> {
  const runs = await endsOf(pool, await runsOfEmergency(pool, { id, environment }));
  return planWaysBack({ to, runs, ...(await readPresent(pool, environment)) });
}

async function ended(pool: Pool, run: string): Promise<RunEnded> {
  const row = await readRun(pool, run);
  if (row?.closed === true) {
    const state = row.view?.state;
    const reason = state !== undefined && 'reason' in state ? state.reason : '';
    return { phase: row.phase, reason, isNeverStarted: row.view === null };
  }
  throw failureOf(errorReport('NOTHING_YET', { look: Context.current().info.attempt }), {
    nextRetryDelayMs: LOOK_AGAIN_MS,
  });
}

async function record(pool: Pool, { run, entries, view }: RecordEmergencyInput): Promise<void> {
  const last = entries.reduce((highest, { seq }) => Math.max(highest, seq), 0);
  await inTransaction(pool, async (connection) => {
    await insertRunEvents(connection, run, entries);
    await insertOutgoing(connection, run, outgoingOf(entries));
    await saveReport(connection, run, last, view);
    await announceRun(connection, run);
  });
}
