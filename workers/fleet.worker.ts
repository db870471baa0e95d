import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createFleetActivities } from '../activities/fleet/fleet.activities.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Offers, withdraws and takes back firmware: one slot for each wave under way. */
export function fleetWorker(parts: WorkerParts): Promise<Worker> {
  const { settings, pool, logger, reached } = parts;
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.fleet,
    activities: createFleetActivities({
      pool,
      logger,
      dataDirectory: settings.dataDirectory,
      ...(reached && { reached }),
    }),
  });
}
