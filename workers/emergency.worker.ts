import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { EmergencyActivities } from '#domain/ports/emergency.port.ts';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import { createEmergencyActivities } from '../activities/emergency/emergency.activities.ts';
import { createJournalActivities } from '../activities/journal/journal.activities.ts';
import { RepeatingTask } from '../client/devices/gateway/repeating-task.ts';
import { keepEmergencies } from '../client/engine/emergency/keep-emergencies.ts';
import { tellRun } from '../client/engine/emergency/tell-run.ts';
import { startRollback } from '../client/engine/releases/start-rollback.ts';
import { reconcileRun } from '../client/engine/runs/reconcile-journal.ts';
import { environmentActivities } from './data.worker.ts';
import { releaseActivities } from './docker.worker.ts';
import { workflowBundle } from './runtime/bundle.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Of them there are few, and each has to be quick. */
const CACHED_RUNS = 200;
const KEEP_EVERY_MS = 2_000;

/**
 * Takes whole environments back: emergencies, and the runs that they start with all that those do, on a queue and in slots
 * that ordinary work never fills.
 */
export async function emergencyWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.emergency,
    workflowBundle: await workflowBundle(),
    maxCachedWorkflows: CACHED_RUNS,
    workflowThreadPoolSize: 1,
    activities: {
      ...releaseActivities(parts),
      ...emergencyActivities(parts),
    },
  });
}

type EmergencyParts = Pick<WorkerParts, 'pool' | 'logger' | 'temporal' | 'engine'>;

/** What emergencies do, and their ways back beside their target. */
export const emergencyActivities = (parts: EmergencyParts) => ({
  ...createJournalActivities(parts),
  ...coordinatorActivities(parts),
  ...environmentRollback(parts),
});

/** A coordinator that a way back has to open belongs where all the others are. */
function coordinatorActivities(parts: EmergencyParts): EnvironmentActivities {
  const activities = environmentActivities(parts);
  const { orchestrator: taskQueue, data } = DEFAULT_QUEUES;
  return {
    ...activities,
    openCoordinator: ({ environment }) => activities.openCoordinator({ environment, queues: { data }, taskQueue }),
  };
}

function environmentRollback({ pool, logger, temporal, engine }: EmergencyParts): EmergencyActivities {
  return createEmergencyActivities({
    pool,
    logger,
    temporal,
    queues: DEFAULT_QUEUES,
    tell: (row, command, args) => tellRun(engine, row, command, args),
    closeRow: async (row) => void (await reconcileRun(engine, row.run)),
    startRollback: (input) => startRollback(engine, input),
  });
}

/** Begins emergencies whose starter died, and opens environments again whose emergency was cut short. */
export function emergencyKeeper({ engine, logger }: WorkerParts): RepeatingTask {
  const look = async (): Promise<number> => {
    for (const { id, what } of await keepEmergencies(engine)) logger.info({ id, what }, 'emergency kept');
    return KEEP_EVERY_MS;
  };
  const complain = (error: unknown): void => logger.debug({ err: error }, 'emergencies not looked after; tried again');
  return new RepeatingTask(async () => look().catch((error: unknown) => (complain(error), KEEP_EVERY_MS)), complain);
}
