import { Worker } from '@temporalio/worker';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { ReleaseActivities } from '#domain/ports/release.port.ts';
import type { WatchActivities } from '#domain/ports/watch.port.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createHaproxyRouter } from '../activities/adapters/haproxy/haproxy-router.ts';
import { withinActivity } from '../activities/containers/container-activity.ts';
import type { ContainerDeps } from '../activities/containers/deps.ts';
import { keepRoutes } from '../activities/containers/keep-routes.ts';
import { createContainerOperations } from '../activities/containers/operations.activities.ts';
import { createReleaseActivities } from '../activities/containers/release.activities.ts';
import { gateContainers } from '../activities/containers/gate-containers.ts';
import { lookAtRelease } from '../activities/containers/watch/look-at-release.ts';
import { createGateActivities } from '../activities/gates/gates.activities.ts';
import { createWatchActivities } from '../activities/watch/watch.activities.ts';
import { RepeatingTask } from '../client/devices/gateway/repeating-task.ts';
import { findHaproxy } from '../client/engine/stack/components/haproxy-program.ts';
import { EnginePool } from './runtime/engine-pool.ts';
import { baseOptions, type WorkerParts } from './runtime/parts.ts';

/** A router that was restarted serves from its files; what it is to do beyond them is made up for this often. */
const KEEP_ROUTES_EVERY_MS = 500;
/** Nothing changes while a database or a router is away. */
const AGAIN_AFTER_MS = 1_000;

/** Releases applications on engines and in the router. */
export function dockerWorker(parts: WorkerParts): Promise<Worker> {
  const deps = containerDeps(parts);
  return Worker.create({
    ...baseOptions(parts),
    taskQueue: DEFAULT_QUEUES.docker,
    activities: { ...releaseActivities(parts), ...createContainerOperations(deps) },
  });
}

/** What a run of an application does. */
export function releaseActivities(parts: WorkerParts): ReleaseActivities & GateActivities & WatchActivities {
  const deps = containerDeps(parts);
  return {
    ...createReleaseActivities(deps),
    ...createGateActivities({ ...deps, containers: gateContainers(deps) }),
    ...watchActivities({ ...deps, pool: parts.lookPool }),
  };
}

const watchActivities = (deps: ContainerDeps): WatchActivities =>
  createWatchActivities(deps, (input, tools) => lookAtRelease(withinActivity(deps), input, tools));

/** Keeps the router at what is wanted of it. */
export function routeKeeper(parts: WorkerParts): RepeatingTask {
  const { logger } = parts;
  const deps = containerDeps(parts);
  const look = async (): Promise<number> => {
    if (await keepRoutes(deps)) logger.info('the router was brought to its routes');
    return KEEP_ROUTES_EVERY_MS;
  };
  const complain = (error: unknown): void => logger.debug({ err: error }, 'routes not compared; tried again');
  return new RepeatingTask(async () => look().catch((error: unknown) => (complain(error), AGAIN_AFTER_MS)), complain);
}

function containerDeps({ settings, pool, logger, reachedRelease }: WorkerParts): ContainerDeps {
  const { dataDirectory, listenHost, routerDirectory: folder } = settings;
  const engines = new EnginePool({ dataDirectory });
  return {
    pool,
    logger,
    dataDirectory,
    listenHost,
    engine: (address) => engines.get(address),
    router: createHaproxyRouter({ folder, program: haproxyProgram() }),
    ...(reachedRelease && { reached: reachedRelease }),
  };
}

/** Its configuration is checked by the same program; a worker of fleets alone has none. */
function haproxyProgram(): string {
  try {
    return findHaproxy();
  } catch {
    return 'haproxy';
  }
}
