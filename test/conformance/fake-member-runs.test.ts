import { FakeMembers } from '../support/fakes/fake-members.ts';
import { memberRunsConformance } from './member-runs.suite.ts';

memberRunsConformance('the fake runs of members', async () => {
  const runs = new FakeMembers({ does: { api: 'held' } });
  return {
    runs,
    plan: async () => ({ planId: 'plan_api', digest: 'd' }),
    complete: async () => runs.endAll('completes'),
    close: async () => undefined,
  };
});
