import { afterEach } from 'vitest';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { FleetScript } from '../fakes/fleet-script.ts';
import type { ReleaseScript } from '../fakes/release-script.ts';
import { aReleasePlan, type ReleasePlanParts } from './container-plan-builder.ts';
import { startRun, type RunWorld, type WorldOptions } from './run-world.ts';

export interface ReleaseOptions extends ReleasePlanParts {
  readonly does?: ReleaseScript['does'];
  /** Of gates and looks. */
  readonly script?: FleetScript;
  readonly world?: WorldOptions;
}

/** The options of a run that releases `shop` 2.0.0 as a test wants it. */
export function releaseRun({ does, script, world, ...parts }: ReleaseOptions = {}): WorldOptions {
  const containers: ContainerPlan = aReleasePlan(parts);
  return { containers, ...(does ? { release: { does } } : {}), ...(script ? { script } : {}), ...world };
}

/** Starts releases, each on a time-skipping server of its own that ends with the test, passed or failed. */
export function releasesOfThisFile(): (options?: ReleaseOptions) => Promise<RunWorld> {
  const open: RunWorld[] = [];
  afterEach(async () => {
    for (const run of open.splice(0)) {
      run.release.releaseHeld();
      run.fleet.releaseHeld();
      await run.close();
    }
  });
  return async (options) => {
    const run = await startRun(releaseRun(options));
    open.push(run);
    return run;
  };
}
