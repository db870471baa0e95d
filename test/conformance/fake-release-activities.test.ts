// The activities of the workflow tests, which a script plays.
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import { containerPlanOf } from '../support/containers/container-plan.ts';
import { FakeRelease, type FakeBefore } from '../support/fakes/fake-release.ts';
import { BLIND, ILL, releaseConformance, type ReleaseBed } from './release-activities.suite.ts';

const BLUE_GREEN: ContainerStrategy = { kind: 'blue_green', switchTimeoutMs: 5_000 };

let runs = 0;

const lookOnce: FakeBefore['lookOnce'] = async ({ watch }) => {
  const [check] = watch.healthChecks;
  if (check?.name === BLIND.name) throw new Error('env:NOBODY_SETS_IT cannot be read');
  if (check?.name !== ILL.name) return { kind: 'healthy' };
  return { kind: 'unhealthy', criterion: 'health-check', summary: 'ill', evidence: null };
};

async function open(): Promise<ReleaseBed> {
  const release = new FakeRelease(null, {}, { lookOnce });
  const { activities, place } = release;
  return {
    activities,
    async run(version, strategy = place.stable === null ? { kind: 'first' } : BLUE_GREEN) {
      runs += 1;
      const plan = { ...containerPlanOf({ version }), strategy };
      place.store(plan);
      return { run: `exe_${runs}`, planId: plan.planId, digest: 'd' };
    },
    // By the words that workflow tests have for it; what follows from them is not scripted.
    makeIll(version) {
      const { stable } = place;
      const left = stable?.before?.version === version ? stable.before.replicas : 0;
      release.change({ does: { verifyInstances: 'unhealthy', returnTraffic: { left } } });
    },
    serving: async () => place.serving(),
    present: async () => place.present(),
    isHolding: async () => place.isHolding,
  };
}

releaseConformance('scripted', async () => ({ open, close: async () => undefined }));
