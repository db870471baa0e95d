import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { environmentOf, type Environment } from '#domain/environments/environment.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { readEnvironments } from '../adapters/postgres/environments.ts';
import type { Pool } from '../adapters/postgres/pool.ts';

/** The environment as it is stored now; null where there is none of that name. Throws CONFIG_INVALID when another version stored it. */
export async function presentEnvironment(pool: Pool, name: string): Promise<Environment | null> {
  const stored = await readEnvironments(pool);
  if (!Object.hasOwn(stored, name)) return null;
  const read = EnvironmentSpec.safeParse(stored[name]);
  if (read.success) return environmentOf(name, read.data);
  const problems = `environment ${name} is stored in a form that this worker does not know: ${read.error.issues[0]?.message ?? ''}`;
  throw sluiceError('CONFIG_INVALID', { problems }, { hint: 'run the version of Sluice that stored it' });
}
