import { isDeepStrictEqual } from 'node:util';
import type { Route } from '#domain/containers/route.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { changeRoute } from './change-route.ts';
import type { ReleaseWork } from './release-work.ts';

/** What only a person can mend: somebody else has the port by now, or a secret of the rules is gone. */
const NOT_TO_BE_HAD = new Set(['PORT_TAKEN', 'ROUTER_REFUSED', 'SECRET_UNRESOLVED']);
/** Of PostgreSQL: another application's row has the port. */
const UNIQUE_VIOLATION = '23505';

/**
 * Port, rules and copies as the version before had them, where the new one came with others. Its traffic has returned by
 * then: what cannot be had back is undone and said, in words for the end of a summary; nothing said means all is as before.
 */
export async function restoreReach(release: ReleaseWork, before: ReleaseRow): Promise<string> {
  const { row } = release;
  if (row.listenPort === before.listenPort && isDeepStrictEqual(row.spec.routing, before.spec.routing)) return '';
  try {
    await changeRoute(release, row, (route) => asReached(route, before));
    return '';
  } catch (error) {
    if (!isNotToBeHad(error)) throw error;
    await changeRoute(release, row, (route) => asReached(route, row));
    return `, under the port and rules of ${row.version}: ${error.message}`;
  }
}

function asReached(route: Route, { listenPort: port, spec }: ReleaseRow): Route {
  const { previewPort, rules, mirror } = spec.routing;
  return { ...route, listen: { ...route.listen, port }, previewPort, rules, mirror };
}

function isNotToBeHad(error: unknown): error is Error {
  if (error instanceof SluiceError) return NOT_TO_BE_HAD.has(error.code);
  return error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION;
}
