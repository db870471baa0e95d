import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { workflowBundle } from './runtime/bundle.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** 2,000 cached runs are about 0.8 GB; more are replayed when they are asked, about 10 ms each. */
const CACHED_RUNS = 2_000;

/** Runs workflows only: it holds no credential of any target. */
export async function orchestratorWorker(parts: WorkerParts): Promise<Worker> {
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.orchestrator,
    workflowBundle: await workflowBundle(),
    maxCachedWorkflows: CACHED_RUNS,
  });
}
