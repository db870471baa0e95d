import { userInfo } from 'node:os';
import type { EngineDeps, Person } from './engine.ts';

/**
 * Who acts: `asName`, else SLUICE_USER, else the OS user, with the roles that the applied configuration gives that name.
 * Never verified: nobody has signed in.
 */
export async function whoActs(deps: EngineDeps, asName: string | undefined, env: NodeJS.ProcessEnv): Promise<Person> {
  const { loadPeople } = await import('./environments/load-people.ts');
  const name = nameOf(asName, env);
  const people = await loadPeople(deps);
  return { name, roles: people[name]?.roles ?? [], verified: false };
}

/** An empty variable is one that is not set. */
export function nameOf(asName: string | undefined, env: NodeJS.ProcessEnv, readOsUser = osUserName): string {
  const given = env['SLUICE_USER']?.trim();
  return asName ?? (given ? given : osUser(readOsUser));
}

const osUserName = (): string => userInfo().username;

function osUser(read: () => string): string {
  try {
    return read();
  } catch {
    // A container may run as a number that no account has.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
