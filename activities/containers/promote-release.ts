import { isAskedAlike, routeCheckOf } from '#domain/containers/probe.ts';
import type { LookingFirst, WatchedOutcome } from '#domain/ports/release.port.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { markStable } from '../adapters/postgres/release-rows.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { changeRoute, ownPlace } from './change-route.ts';
import type { ContainerWork } from './deps.ts';
import { lookFirst } from './look-first.ts';
import { preparedRelease } from './release-work.ts';

/** Records the run's release as the stable one; from here on the router asks as it wants to be asked. Throws RELEASE_FENCED. */
export async function promoteRelease(work: ContainerWork, input: LookingFirst): Promise<WatchedOutcome> {
  const release = await preparedRelease(work, input);
  const { row, before } = release;
  const ill = row.state === 'stable' ? null : await lookFirst(release, input);
  if (ill) return ill;
  await ridingOut(work, () =>
    inTransaction(work.pool, async (connection) => {
      await ownPlace(connection, row);
      await markStable(connection, row);
    }),
  );
  // After that, for a breach that an attempt finds must not meet members that are asked as the new version only.
  const { readiness } = row.spec;
  if (before !== null && !isAskedAlike(before.spec.readiness, readiness)) {
    await changeRoute(release, row, (route) => ({ ...route, healthCheck: routeCheckOf(readiness) }));
  }
  await work.reached?.('release-promoted');
  return {
    kind: 'done',
    summary: `release ${row.release} (${row.version}) is stable`,
    facts: { release: row.release },
  };
}
