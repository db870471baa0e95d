import { environmentsInUse } from '../../../activities/adapters/postgres/run-places.ts';
import { openCoordinator } from '../../../activities/adapters/temporal/open-coordinator.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { EngineDeps } from '../engine.ts';
import { healHolds } from '../holds/heal-holds.ts';

/** Opens again the coordinators of environments with open runs: one that somebody terminated would leave its queue waiting. */
export async function keepCoordinators(deps: EngineDeps): Promise<void> {
  const environments = await environmentsInUse(await deps.database());
  if (environments.length === 0) return;
  const client = await deps.temporal();
  const { orchestrator: taskQueue, data } = DEFAULT_QUEUES;
  const opened = await Promise.allSettled(
    environments.map(async (environment) => {
      await openCoordinator(client, { environment, queues: { data }, taskQueue });
      await healHolds(deps, environment);
    }),
  );
  const failed = opened.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason as Error;
}
