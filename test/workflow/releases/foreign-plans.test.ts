// A plan that this workflow does not carry out ends its run at once, and nothing is done.
import { expect, it } from 'vitest';
import { aReleasePlan } from '../../support/runs/container-plan-builder.ts';
import { aPlan, offer } from '../../support/runs/plan-builder.ts';
import { releasesOfThisFile, type ReleaseOptions } from '../../support/runs/with-release.ts';

const startRelease = releasesOfThisFile();

it.each<[string, ReleaseOptions, string]>([
  [
    'for devices is no release',
    { world: { containers: aPlan() as never, workflow: 'deployApplication' } },
    'it is a plan for "fleet-rollout", not for container-release',
  ],
  [
    'for containers is no rollout',
    { world: { workflow: 'rollOutFleet' } },
    'it is a plan for "container-release", not for fleet-rollout',
  ],
  [
    'with a wave of devices is no release',
    { plan: { steps: [...aReleasePlan().steps, offer(1)] } },
    'step 7 is of the kind "offer", which no container-release has',
  ],
])('a plan %s', async (_what, options, why) => {
  const run = await startRelease(options);
  const reason = `plan plan_test cannot be carried out by this worker: ${why}`;
  expect(await run.result()).toEqual({ phase: 'failed', reason, left: 0 });
  expect(run.release.calls).toEqual([]);
  expect(run.fleet.calls.filter(({ name }) => name !== 'appendJournal')).toEqual([]);
});
