import { userInfo } from 'node:os';
import type { EngineDeps, Person } from './engine.ts';

/**
 * Who acts: `asName`, else SLUICE_USER, else the OS user, with the roles that the applied configuration gives that name.
 * Never verified: nobody has signed in.
 */
export async function whoActs(deps: EngineDeps, asName: string | undefined, env: NodeJS.ProcessEnv): Promise<Person> {
  const { loadPeople } = await import('./environments/load-people.ts');
  const name = asName ?? env['SLUICE_USER'] ?? userInfo().username;
  const people = await loadPeople(deps);
  return { name, roles: people[name]?.roles ?? [], verified: false };
}
