import { isAskedAlike, routeCheckOf } from '#domain/containers/probe.ts';
import { counted } from '#domain/counted.ts';
import { shareOf } from '#domain/containers/route-changes.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { ReleaseUndone, UndoInput } from '#domain/ports/release.port.ts';
import { readPlace } from '../adapters/postgres/application-places.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { markWithdrawn, type ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { changeRoute } from './change-route.ts';
import type { ContainerWork } from './deps.ts';
import { instancesOfRelease, nameOf } from './instances.ts';
import { findRelease, type ReleaseWork } from './release-work.ts';
import { retire } from './retire.ts';

/**
 * Takes away everything that this run created. Except what serves alone, where the version before could not be brought
 * back: a bad answer is better than none.
 */
export async function removeInstances(work: ContainerWork, input: UndoInput): Promise<ReleaseUndone> {
  const release = await findRelease(work, input);
  if (release === null) return { left: 0, summary: 'nothing was created', facts: {} };
  const { row, before } = release;
  const present = await instancesOfRelease(work, row);
  if (await servesAlone(release)) {
    const summary = `${counted(present.length, 'instance')} of ${row.version} left: nothing else serves`;
    return { left: present.length, summary, facts: { removed: [] } };
  }
  const { names, cut, ...times } = await retire(release, row, present);
  if (before !== null) await askAsBefore(release, before);
  await ridingOut(work, () => inTransaction(work.pool, (connection) => markWithdrawn(connection, row)));
  const left = (await instancesOfRelease(work, row)).length;
  const summary = `${counted(names.length, 'instance')} of ${row.version} removed`;
  return { left, summary, facts: { removed: names, ...times, cut } };
}

/** Versions that must not run at the same time take turns: there the new one goes before the old one comes. */
async function servesAlone({ pool, row, before, plan }: ReleaseWork): Promise<boolean> {
  if (before === null || plan.strategy.kind === 'recreate') return false;
  const place = await readPlace(pool, row.environment, row.application);
  if (!place?.route || place.generation > row.generation || shareOf(place.route, row.arm) === 0) return false;
  const own = new Set(ordinals(row.spec.replicas).map((replica) => nameOf(row, replica)));
  const ready = place.route.members.filter(({ state }) => state === 'ready');
  return ready.length > 0 && ready.every(({ name }) => own.has(name));
}

/**
 * The router asks as the version before wants to be asked again. While requests wait it does not: another check costs a reload,
 * which would wait for them.
 */
async function askAsBefore(release: ReleaseWork, { spec }: ReleaseRow): Promise<void> {
  if (isAskedAlike(spec.readiness, release.row.spec.readiness)) return;
  const healthCheck = routeCheckOf(spec.readiness);
  await changeRoute(release, release.row, (route) => (route.hold === null ? { ...route, healthCheck } : route));
}
