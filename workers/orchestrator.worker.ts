import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { workflowBundle } from './runtime/bundle.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/**
 * A cached run is about 0.7 MB before the heap is cleaned: with 10,000 open runs the process had 1.4 GB at its peak (`npm run
 * bench -- open-runs --runs 10000`). More than these are replayed when they are asked, about 10 ms each.
 */
export const CACHED_RUNS = 1_200;

/** Runs workflows only: it holds no credential of any target. */
export async function orchestratorWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.orchestrator,
    workflowBundle: await workflowBundle(),
    maxCachedWorkflows: CACHED_RUNS,
  });
}
