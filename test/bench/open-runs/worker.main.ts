// One process as it is shipped: orchestrator and journal; engines and router are scripted. Beside them a workflow that does nothing.
import { Worker } from '@temporalio/worker';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createLogger, logLevelOf } from '../../../client/engine/logging.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { dataWorker } from '../../../workers/data.worker.ts';
import { orchestratorWorker } from '../../../workers/orchestrator.worker.ts';
import { baseOptions, type WorkerParts } from '../../../workers/runtime/parts.ts';
import { runWorkers } from '../../../workers/runtime/run-workers.ts';
import { BARE_QUEUE } from './bare.workflow.ts';
import { BARE_BUNDLE } from './bundles.ts';
import { scriptedReleases } from './scripted-releases.ts';

const releaseWorker = (parts: WorkerParts): Promise<Worker> =>
  Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.docker,
    activities: { ...scriptedReleases(parts) },
  });

const bareWorker = async (parts: WorkerParts): Promise<Worker> =>
  Worker.create({
    ...baseOptions(parts),
    taskQueue: BARE_QUEUE,
    workflowBundle: { codePath: process.env[BARE_BUNDLE] ?? '' },
  });

await runWorkers({
  settings: readSettings(process.env),
  logger: createLogger('worker', logLevelOf(process.env)),
  workers: [orchestratorWorker, dataWorker, releaseWorker, bareWorker],
  chores: [],
});
