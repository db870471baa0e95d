import { sluiceError } from '#domain/errors/failure.ts';
import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { insertGroup, type Group } from '../../../activities/adapters/postgres/groups.ts';
import type { EngineDeps } from '../engine.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export interface CreatedGroup extends Group {
  /** False when the group existed with this very filter. */
  readonly isNew: boolean;
}

/**
 * Saves a filter under a name. The same filter again is no change.
 * Throws FILTER_INVALID with the place, GROUP_EXISTS when the name has another filter, USAGE for a name that is none.
 */
export async function createGroup(deps: EngineDeps, { name, filter }: Group): Promise<CreatedGroup> {
  if (!NAME.test(name)) {
    const why = 'a group name has 1 to 64 characters of A-Z a-z 0-9 . _ - and begins with a letter or digit';
    throw sluiceError('USAGE', { why }, { where: 'NAME', found: JSON.stringify(name) });
  }
  compileDeviceFilter(filter);
  const { saved, isNew } = await insertGroup(await deps.database(), { name, filter });
  if (saved.filter !== filter)
    throw sluiceError('GROUP_EXISTS', { group: name }, { where: '--filter', found: saved.filter });
  return { ...saved, isNew };
}
