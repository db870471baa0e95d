import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createGateActivities } from '../activities/gates/gates.activities.ts';
import { createWatchActivities } from '../activities/watch/watch.activities.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Evaluates gates and looks at the rollback criteria. */
export function telemetryWorker(parts: WorkerParts): Promise<Worker> {
  const { pool, lookPool, logger, settings } = parts;
  const deps = { pool, logger, dataDirectory: settings.dataDirectory };
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.telemetry,
    activities: {
      ...createGateActivities({ ...deps, containers: null }),
      ...createWatchActivities({ ...deps, pool: lookPool }),
    },
  });
}
