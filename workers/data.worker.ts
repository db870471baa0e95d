import { Worker } from '@temporalio/worker';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { holdOf } from '../activities/adapters/postgres/emergencies.ts';
import { openRunsWithPlace } from '../activities/adapters/postgres/run-places.ts';
import { createEnvironmentActivities } from '../activities/environments/environment.activities.ts';
import { createJournalActivities } from '../activities/journal/journal.activities.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Writes the journals of runs, and answers what they ask about each other. */
export function dataWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.data,
    activities: { ...createJournalActivities(parts), ...environmentActivities(parts) },
  });
}

/** What coordinators, and the runs that look for one, ask. */
export function environmentActivities({
  pool,
  temporal,
}: Pick<WorkerParts, 'pool' | 'temporal'>): EnvironmentActivities {
  const openRuns = (environment: string) => openRunsWithPlace(pool, environment);
  return createEnvironmentActivities({ openRuns, hold: (environment) => holdOf(pool, environment), temporal });
}
