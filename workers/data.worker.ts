import { Worker } from '@temporalio/worker';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { holdOf } from '../activities/adapters/postgres/emergencies.ts';
import { readHolds } from '../activities/adapters/postgres/holds.ts';
import { openRunsWithPlace } from '../activities/adapters/postgres/run-places.ts';
import { createEnvironmentActivities } from '../activities/environments/environment.activities.ts';
import { createMemberActivities } from '../activities/joint-releases/member.activities.ts';
import { createJournalActivities } from '../activities/journal/journal.activities.ts';
import { createPolicyActivities } from '../activities/policy/policy.activities.ts';
import { approvedPlan } from '../activities/runtime/approved-plan.ts';
import { presentEnvironment } from '../activities/runtime/present-environment.ts';
import { memberRuns } from '../client/engine/joint-releases/member-runs.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Writes the journals of runs, asks the rules of environments, and answers what they ask about each other. */
export function dataWorker(parts: WorkerParts): Promise<Worker> {
  const { pool, engine } = parts;
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.data,
    activities: {
      ...createJournalActivities(parts),
      ...environmentActivities(parts),
      ...createPolicyActivities({
        plan: (ref) => approvedPlan(pool, ref),
        environment: (name) => presentEnvironment(pool, name),
      }),
      ...createMemberActivities(memberRuns(engine)),
    },
  });
}

/** What coordinators, and the runs that look for one, ask. */
export function environmentActivities({
  pool,
  temporal,
}: Pick<WorkerParts, 'pool' | 'temporal'>): EnvironmentActivities {
  const openRuns = (environment: string) => openRunsWithPlace(pool, environment);
  return createEnvironmentActivities({
    openRuns,
    holds: (environment) => readHolds(pool, environment),
    emergency: (environment) => holdOf(pool, environment),
    temporal,
  });
}
