import { listArtifacts } from '../../../activities/adapters/postgres/artifacts.ts';
import type { Target } from '#domain/environments/environment.schema.ts';
import { loadApplications } from '../applications/load-applications.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { patientRead } from '../patient-read.ts';

/** What a plan can be about. */
export interface PlanChoices {
  readonly environments: readonly { readonly name: string; readonly target: Target }[];
  readonly firmware: readonly { readonly name: string; readonly version: string }[];
  readonly applications: readonly string[];
}

/** What is in the registry now. */
export function findPlanChoices(deps: EngineDeps): Promise<PlanChoices> {
  return patientRead(deps, async (pool) => {
    const { environments } = await loadConfiguration(pool);
    const applications = await loadApplications(pool);
    return {
      environments: environments.map(({ name, target }) => ({ name, target })),
      // The latest first: it is what most plans are about.
      firmware: (await listArtifacts(pool)).map(({ name, version }) => ({ name, version })).reverse(),
      applications: applications.map(({ name }) => name),
    };
  });
}
