import { shareOf, withShare } from '#domain/containers/route-changes.ts';
import { routeKey } from '#domain/containers/route.ts';
import type { ReleaseOutcome, ShiftInput, WatchedOutcome } from '#domain/ports/release.port.ts';
import { readPlace } from '../adapters/postgres/application-places.ts';
import { markShifted, shiftedAt } from '../adapters/postgres/release-rows.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { badStable } from './bad-stable.ts';
import { changeRoute } from './change-route.ts';
import type { ContainerWork } from './deps.ts';
import { lookBefore } from './look-first.ts';
import { poll } from './poll.ts';
import { preparedRelease, type ReleaseWork } from './release-work.ts';

const POLL_MS = 25;

/**
 * Moves traffic to the new version, never less than it has already. All of it makes it the one in use. Unless the version
 * in use is down before the first move and the plan says to stop then.
 */
export async function shiftTraffic(work: ContainerWork, input: ShiftInput): Promise<WatchedOutcome> {
  const release = await preparedRelease(work, input);
  const { row } = release;
  const wanted = input.weightBasisPoints;
  const present = await presentShare(release);
  const { ill, deadlineAt } = await lookBefore(release, present < wanted ? input : { ...input, look: null });
  if (ill) return ill;
  const begunMs = performance.now();
  const bad = present === 0 ? await badStable(release, 'shift') : null;
  if (bad) return bad;
  const missing = await poll({ everyMs: POLL_MS, deadlineAt, signal: work.signal }, async () =>
    (await downMembers(release)).length === 0 ? 'none' : null,
  );
  if (missing === null) return notUp(release);
  // Before it is so: a death in between must not let the judge look at what was measured before. A repeat changes nothing.
  if (present < wanted) await ridingOut(work, () => markShifted(work.pool, input.run));
  const route = await changeRoute(release, row, (one) =>
    shareOf(one, row.arm) >= wanted ? one : withShare(one, row.arm, wanted),
  );
  const share = shareOf(route, row.arm);
  const tookMs = Math.round(performance.now() - begunMs);
  const summary = `${row.version} gets ${share / 100} % of the traffic`;
  return { kind: 'done', summary, facts: { weightBasisPoints: share, tookMs } };
}

/** A first release comes into the arm in use, where nothing was: no traffic has moved to it while nobody knows it as stable. */
async function presentShare({ pool, row, before, ref }: ReleaseWork): Promise<number> {
  const place = await readPlace(pool, row.environment, row.application);
  const isMoved = before !== null || (await shiftedAt(pool, ref.run)) !== null;
  return place?.route && isMoved ? shareOf(place.route, row.arm) : 0;
}

/** Members of the new version that the router has not found up: traffic for them would find nobody. */
async function downMembers({ router, row }: ReleaseWork): Promise<string[]> {
  const { members } = await router.observe(routeKey(row.environment, row.application));
  const own = members.filter(({ arm, state }) => arm === row.arm && state === 'ready');
  return own.length === 0 ? ['all'] : own.filter(({ up }) => !up).map(({ name }) => name);
}

async function notUp(release: ReleaseWork): Promise<ReleaseOutcome> {
  const names = await downMembers(release);
  const verb = names.length === 1 ? 'is' : 'are';
  const which = names[0] === 'all' ? 'no instance of it is' : `${names.join(', ')} ${verb} not`;
  return {
    kind: 'unhealthy',
    summary: `no traffic to ${release.row.version}: ${which} up in the router`,
    evidence: null,
  };
}
