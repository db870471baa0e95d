import type { Client } from '@temporalio/client';
import { Runtime, type Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createPool } from '../../activities/adapters/postgres/pool.ts';
import { connectWorker } from '../../activities/adapters/temporal/connect-worker.ts';
import type { RepeatingTask } from '../../client/devices/gateway/repeating-task.ts';
import { createEngineDeps } from '../../client/engine/deps.ts';
import type { EngineDeps } from '../../client/engine/engine.ts';
import { keepCoordinators } from '../../client/engine/environments/keep-coordinators.ts';
import type { Settings } from '../../client/engine/settings.ts';
import { reconcileRuns } from '../../client/engine/runs/reconcile-journal.ts';
import { SuspectSearch } from '../../client/engine/runs/suspect-search.ts';
import { keepHealthFile } from '../../client/engine/stack/health-file.ts';
import { sdkLogger } from './sdk-logger.ts';
import type { WorkerParts } from './parts.ts';

const DATABASE_CONNECTIONS = 10;
const LOOK_CONNECTIONS = 3;
/** A look that hangs sees nothing, and has to say so well before its own time ends. */
const LOOK_BOUND_MS = 10_000;
const RECONCILE_EVERY_MS = 30_000;

export type MakeWorker = (parts: WorkerParts) => Promise<Worker>;
/** Something that is done again and again beside a worker, by every process that runs it. */
export type MakeChore = (parts: WorkerParts) => RepeatingTask;

interface Work extends Pick<WorkerParts, 'reached' | 'reachedRelease' | 'interceptors'> {
  readonly settings: Settings;
  readonly logger: Logger;
  readonly workers: readonly MakeWorker[];
  readonly chores: readonly MakeChore[];
}

/** Runs these workers in this process until it is told to end; resolves after they drained. */
export async function runWorkers({
  settings,
  logger,
  workers: make,
  chores: makeChores,
  ...hooks
}: Work): Promise<void> {
  Runtime.install({ logger: sdkLogger(logger), telemetryOptions: { logging: { filter: 'WARN' } } });
  const connection = await connectWorker({ address: settings.temporalAddress, namespace: settings.temporalNamespace });
  const pool = createPool(settings.databaseUrl, DATABASE_CONNECTIONS);
  const lookPool = createPool(settings.databaseUrl, LOOK_CONNECTIONS, { statementBoundMs: LOOK_BOUND_MS });
  const deps = createEngineDeps(settings);
  const temporal = (): Promise<Client> => deps.temporal();
  const parts: WorkerParts = { settings, connection, pool, lookPool, logger, temporal, engine: deps, ...hooks };
  const stopReconciling = reconcileRegularly(deps, logger);
  const chores = makeChores.map((one) => one(parts));
  try {
    const workers = await Promise.all(make.map((one) => one(parts)));
    const running = Promise.all(workers.map((worker) => worker.run()));
    const health = keepHealthFile(settings.dataDirectory, 'worker', () => healthOf(workers));
    for (const chore of chores) chore.start();
    logger.info({ queues: workers.map(({ options }) => options.taskQueue) }, 'workers poll');
    await running.finally(() => health.stop());
  } finally {
    await Promise.all(chores.map((chore) => chore.stop()));
    await stopReconciling();
    await end(parts);
  }
}

function healthOf(workers: readonly Worker[]): { problem: string | null } {
  const stopped = workers.find((worker) => worker.getState() !== 'RUNNING');
  return { problem: stopped ? `worker ${stopped.options.taskQueue} is ${stopped.getState()}` : null };
}

/** Runs that could not finish their own record (terminated, never started) are finished by whoever is up. */
function reconcileRegularly(deps: EngineDeps, logger: Logger): () => Promise<void> {
  let turn: Promise<void> = Promise.resolve();
  const search = new SuspectSearch(deps);
  const look = async (): Promise<void> => {
    try {
      for (const { run, what, detail } of await reconcileRuns(deps, search)) {
        if (what !== 'open' && what !== 'starting') logger.info({ run, what, detail }, 'run reconciled');
      }
      await keepCoordinators(deps);
    } catch (error) {
      logger.warn({ err: error }, 'runs not reconciled; tried again');
    }
  };
  const timer = setInterval(() => {
    turn = turn.then(look);
  }, RECONCILE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await turn;
    await deps.close();
  };
}

async function end({ pool, lookPool, connection }: WorkerParts): Promise<void> {
  await pool.end();
  await lookPool.end();
  await connection.close();
}
