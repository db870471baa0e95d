import { readSections } from '../../../activities/adapters/postgres/configuration.ts';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import { PeopleSpec } from '#domain/environments/policy.schema.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { checkDocument } from './read-document.ts';

/** Who may do what, by name. Has no inherited members: any name may be looked up. */
export type People = Readonly<Record<string, { readonly roles: readonly string[] }>>;

/** The people of the applied configuration; none before the first `env apply`. */
export async function loadPeople(deps: EngineDeps): Promise<People> {
  return patientRead(deps, readPeople);
}

/** The same, inside a transaction if need be. */
export async function readPeople(database: Connection | Pool): Promise<People> {
  const { people = {} } = await readSections(database);
  const known = checkDocument(PeopleSpec, people, 'the stored configuration: people');
  return Object.assign(Object.create(null) as People, known);
}
