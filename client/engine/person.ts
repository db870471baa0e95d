import { userInfo } from 'node:os';
import type { EngineDeps, Person } from './engine.ts';
import { plainName } from './plain-text.ts';

/**
 * Who acts: `asName`, else SLUICE_USER, else the OS user, with the roles that the applied configuration gives that name.
 * Never verified: nobody has signed in. Throws USAGE for a name that is empty or holds control characters.
 */
export async function whoActs(deps: EngineDeps, asName: string | undefined, env: NodeJS.ProcessEnv): Promise<Person> {
  const { loadPeople } = await import('./environments/load-people.ts');
  const name = nameOf(asName, env);
  const people = await loadPeople(deps);
  return { name, roles: people[name]?.roles ?? [], verified: false };
}

/**
 * A name that was given and is none is refused: nobody else acts in its place.
 * @internal a rule with tests of its own
 */
export function nameOf(asName: string | undefined, env: NodeJS.ProcessEnv, readOsUser = osUserName): string {
  if (asName !== undefined) return plainName(asName, '--as');
  const given = env['SLUICE_USER'];
  return given === undefined ? osUser(readOsUser) : plainName(given, 'SLUICE_USER');
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
