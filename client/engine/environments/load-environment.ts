import type { Environment } from '#domain/environments/environment.ts';
import { nearest } from '#domain/environments/problem.ts';
import type { WholeConfiguration } from '#domain/environments/references.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { loadConfiguration } from './load-configuration.ts';

/** The environment `name` with its defaults filled in. Throws ENVIRONMENT_UNKNOWN with those that exist. */
export async function loadEnvironment(deps: EngineDeps, name: string): Promise<Environment> {
  return environmentNamed(await patientRead(deps, loadConfiguration), name);
}

/** Every environment, by name. */
export async function listEnvironments(deps: EngineDeps): Promise<readonly Environment[]> {
  return (await patientRead(deps, loadConfiguration)).environments;
}

/** The same from a configuration at hand; `where` names the place that asked. */
export function environmentNamed({ environments }: WholeConfiguration, name: string, where = ''): Environment {
  const found = environments.find((one) => one.name === name);
  if (found) return found;
  const known = environments.map((one) => one.name);
  const near = nearest(name, known);
  throw sluiceError(
    'ENVIRONMENT_UNKNOWN',
    { environment: name },
    {
      where,
      found: known.length === 0 ? 'no environment at all' : known.join(', '),
      ...(near !== null && { hint: `did you mean ${near}? · sluice env show ${near}` }),
    },
  );
}
