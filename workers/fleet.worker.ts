import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { FleetDeps } from '../activities/fleet/deps.ts';
import { createFleetActivities } from '../activities/fleet/fleet.activities.ts';
import { followUpRollbacks } from '../activities/fleet/follow-up-rollbacks.ts';
import { RepeatingTask } from '../client/devices/gateway/repeating-task.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** A device that speaks up after its run has ended has waited for hours already. */
const FOLLOW_UP_EVERY_MS = 30_000;

/** Offers, withdraws and takes back firmware: one slot for each wave under way. */
export function fleetWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.fleet,
    activities: createFleetActivities(fleetDeps(parts)),
  });
}

type FleetParts = Pick<WorkerParts, 'settings' | 'pool' | 'logger' | 'reached'>;

/** Goes on with rollbacks whose runs have ended, for devices that speak up later. */
export function followUps(parts: FleetParts): RepeatingTask {
  const { logger } = parts;
  const deps = fleetDeps(parts);
  const look = async (): Promise<number> => {
    for (const run of await followUpRollbacks(deps)) logger.info({ run }, 'its rollback went on');
    return FOLLOW_UP_EVERY_MS;
  };
  return new RepeatingTask(look, (error) => logger.warn({ err: error }, 'rollbacks not followed up; tried again'));
}

const fleetDeps = ({ settings, pool, logger, reached }: FleetParts): FleetDeps => ({
  pool,
  logger,
  dataDirectory: settings.dataDirectory,
  ...(reached && { reached }),
});
