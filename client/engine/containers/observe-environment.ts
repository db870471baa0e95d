import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { EnvironmentCheck, ObservedEnvironment } from '#domain/ports/container-operations.port.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';
import { environmentNamed } from '../environments/load-environment.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from '../plans/expect-target.ts';
import { enginesOf } from './engines-of.ts';

interface Place {
  readonly environment: string;
  readonly engines: readonly EngineAddress[];
}

/**
 * What really runs in one environment with containers, or in all of them; with `rebuild` what the database lost is written
 * again. Throws ENVIRONMENT_UNKNOWN, PLAN_TARGET_MISMATCH, STACK_NOT_RUNNING.
 */
export async function observeEnvironments(
  deps: EngineDeps,
  { name, rebuild }: { readonly name: string | undefined; readonly rebuild: boolean },
): Promise<ObservedEnvironment[]> {
  const observed: ObservedEnvironment[] = [];
  // One after the other: they may share engines, and somebody reads the result in this order.
  for (const place of await placesOf(deps, name)) {
    observed.push(await deps.containers.observeEnvironment({ ...place, rebuild }));
  }
  return observed;
}

/** Whether an environment can be deployed to: resources, network, services. Throws as `observeEnvironments`. */
export async function validateEnvironment(deps: EngineDeps, name: string): Promise<readonly EnvironmentCheck[]> {
  const [place] = await placesOf(deps, name);
  if (place === undefined) throw sluiceError('ENVIRONMENT_UNKNOWN', { environment: name });
  return deps.containers.validateEnvironment(place);
}

async function placesOf(deps: EngineDeps, name: string | undefined): Promise<Place[]> {
  const whole = await patientRead(deps, loadConfiguration);
  const chosen = name === undefined ? whole.environments.filter(isDocker) : [environmentNamed(whole, name)];
  return chosen.map((environment) => {
    expectTarget(environment, 'docker', `environment ${environment.name}`);
    return { environment: environment.name, engines: enginesOf(deps.settings, environment) };
  });
}

const isDocker = ({ target }: Environment): boolean => target === 'docker';
