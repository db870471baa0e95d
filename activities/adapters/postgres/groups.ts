/** Saved filters: table `groups`. */
import { sluiceError } from '#domain/errors/failure.ts';
import type { Connection, Pool } from './pool.ts';

/** A named selection of devices: a CEL filter, evaluated when it is asked for. */
export interface Group {
  readonly name: string;
  readonly filter: string;
}

/** Saves a group unless its name is taken; the result is the one that is saved under the name. */
export async function insertGroup(pool: Pool, { name, filter }: Group): Promise<{ saved: Group; isNew: boolean }> {
  const inserted = await pool.query<Group>(
    'insert into groups (name, filter) values ($1, $2) on conflict (name) do nothing returning name, filter',
    [name, filter],
  );
  const saved = inserted.rows[0] ?? (await findGroup(pool, name));
  if (saved === null) throw new Error(`group ${name} was deleted while it was saved`);
  return { saved, isNew: inserted.rows.length > 0 };
}

/** The group, or null. */
async function findGroup(pool: Pool | Connection, name: string): Promise<Group | null> {
  const { rows } = await pool.query<Group>('select name, filter from groups where name = $1', [name]);
  return rows[0] ?? null;
}

/** The groups named, in that order. Throws GROUP_UNKNOWN for the first that does not exist. */
export async function requireGroups(pool: Pool | Connection, names: readonly string[]): Promise<Group[]> {
  const { rows } = await pool.query<Group>('select name, filter from groups where name = any($1)', [names]);
  return names.map((name) => {
    const group = rows.find((row) => row.name === name);
    if (group === undefined) throw sluiceError('GROUP_UNKNOWN', { group: name });
    return group;
  });
}

/** Every group, by name. */
export async function listGroups(pool: Pool | Connection): Promise<Group[]> {
  return (await pool.query<Group>('select name, filter from groups order by name')).rows;
}
