import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createJournalActivities } from '../activities/journal/journal.activities.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** Writes the journals of runs. */
export function dataWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.data,
    activities: createJournalActivities(parts),
  });
}
