import { inTransaction } from '../../activities/adapters/postgres/pool.ts';
import { closeRun } from '../../activities/adapters/postgres/runs.ts';
import { memberRuns } from '../../client/engine/joint-releases/member-runs.ts';
import type { RunId } from '#domain/ids.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { CONFIGURATION, openReleaseWorld } from '../support/containers/release-world.ts';
import { memberRunsConformance } from './member-runs.suite.ts';

memberRunsConformance('the runs of members', async () => {
  const world = await openReleaseWorld();
  await world.configure(CONFIGURATION);
  await world.applications('applications: { api: { image: registry.test/api, port: 8080 } }');
  const plan = async (version: string): Promise<ContainerPlan & { readonly digest: string }> => {
    const created = await world.plan({ application: 'api', version, environment: 'production' });
    return { ...created.plan, digest: created.digest };
  };
  let [latest, release] = [await plan('1.0.0'), 1];
  await world.release(latest, release);
  return {
    runs: memberRuns(world.deps),
    plan: async () => (latest = await plan(`1.${release}.0`)),
    complete: async (run) => {
      const before = { release, version: '1.0.0', instances: 1 };
      release += 1;
      await world.release(latest, release);
      const view = { state: { phase: 'completed' }, traffic: { release, before } } as unknown as RunView;
      const end = { phase: 'completed', at: new Date().toISOString(), view } as const;
      await inTransaction(world.pool, (connection) => closeRun(connection, run as RunId, end));
    },
    close: () => world.close(),
  };
});
