import { sluiceError } from '#domain/errors/failure.ts';
import { compileDeviceFilter } from '../../../activities/adapters/cel/device-filter.ts';
import { insertGroup, type Group } from '../../../activities/adapters/postgres/groups.ts';
import type { EngineDeps } from '../engine.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is left of a name when everything that no group name may hold is taken out. */
const nearestName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '')
    .slice(0, 64) || 'NAME';

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
    const hint = `sluice group create ${nearestName(name)} --filter '${filter}'`;
    throw sluiceError('USAGE', { why }, { where: 'NAME', found: JSON.stringify(name), hint });
  }
  compileDeviceFilter(filter);
  const { saved, isNew } = await insertGroup(await deps.database(), { name, filter });
  if (saved.filter !== filter)
    throw sluiceError('GROUP_EXISTS', { group: name }, { where: '--filter', found: saved.filter });
  return { ...saved, isNew };
}
