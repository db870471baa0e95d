import { counted } from '#domain/counted.ts';
import { isAskedAlike } from '#domain/containers/probe.ts';
import { inState, withShare } from '#domain/containers/route-changes.ts';
import { ALL_TRAFFIC, otherArm, routeKey } from '#domain/containers/route.ts';
import { ordinals } from '#domain/plan/container-steps.ts';
import type { ReleaseUndone, UndoInput } from '#domain/ports/release.port.ts';
import { addMs } from '#domain/time.ts';
import { inTransaction } from '../adapters/postgres/pool.ts';
import { markStable, type ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { changeRoute } from './change-route.ts';
import type { ContainerWork } from './deps.ts';
import { inParallel } from './in-parallel.ts';
import { instancesOfRelease, type Instance } from './instances.ts';
import { joinInstances, type Joining } from './join-instances.ts';
import { findRelease, refuseFenced, type ReleaseWork } from './release-work.ts';
import { restoreReach } from './restore-reach.ts';
import { startReplica } from './start-replica.ts';

/** For instances that have been ready before. */
const WELL_WITHIN_MS = 5_000;

/**
 * Makes the version before serve again. While all of its instances run, the switch alone does it; otherwise they are
 * started first, and the new version serves until they are ready: a bad answer is better than none.
 */
export async function returnTraffic(work: ContainerWork, input: UndoInput): Promise<ReleaseUndone> {
  const release = await findRelease(work, input);
  if (release === null) return { left: 0, summary: 'no traffic was moved', facts: {} };
  await refuseFenced(release);
  const { before } = release;
  if (before === null) return takeAway(release);
  const begunMs = performance.now();
  await askBoth(release, before);
  const left = await bringBack(release, before, input);
  if (left === before.spec.replicas) return stay(release, before, left);
  await switchBack(release, before);
  await ridingOut(work, () => inTransaction(work.pool, (connection) => markStable(connection, before)));
  await work.reached?.('traffic-returned');
  const tookMs = Math.round(performance.now() - begunMs);
  const elsewhere = await restoreReach(release, before);
  const missing = left === 0 ? '' : `, ${counted(left, 'instance')} of it could not be started again`;
  const summary = `${before.version} serves again after ${tookMs} ms${missing}${elsewhere}`;
  return { left, summary, facts: { release: before.release, tookMs, left } };
}

/** A promotion may have asked as the new version alone wants it already: to that the old instances would never be up. */
async function askBoth(release: ReleaseWork, before: ReleaseRow): Promise<void> {
  if (isAskedAlike(before.spec.readiness, release.row.spec.readiness)) return;
  await changeRoute(release, release.row, (route) => ({ ...route, healthCheck: null }));
}

/** A first deployment: nobody serves afterwards, as before; or what served and the database did not know. */
async function takeAway(release: ReleaseWork): Promise<ReleaseUndone> {
  const { arm } = release.row;
  await changeRoute(release, release.row, (route) => {
    const hasOthers = route.members.some((one) => one.arm !== arm && one.state === 'ready');
    const left = hasOthers ? withShare(route, otherArm(arm), ALL_TRAFFIC) : { ...route, canaryBasisPoints: 0 };
    return { ...left, hold: null };
  });
  return { left: 0, summary: 'nothing served before', facts: {} };
}

/** A version of which nothing runs answers nobody: the new one serves on, bad as it may be. */
async function stay(release: ReleaseWork, before: ReleaseRow, left: number): Promise<ReleaseUndone> {
  const { row } = release;
  await changeRoute(release, row, (route) => ({ ...route, hold: null }));
  const summary = `no instance of ${before.version} could be started again: ${row.version} serves on`;
  return { left, summary, facts: { release: row.release, left } };
}

/**
 * All traffic to the version before, and nothing of it is kept waiting or drained. Where both share an arm, a share moves
 * nothing: the new instances are drained.
 */
async function switchBack(release: ReleaseWork, before: ReleaseRow): Promise<void> {
  const { row } = release;
  const [old, fresh] = await Promise.all([before, row].map((one) => instancesOfRelease(release, one)));
  await changeRoute(release, row, (route) => {
    const ready = inState({ ...route, hold: null }, namesOf(old), 'ready');
    const drained = row.arm === before.arm ? inState(ready, namesOf(fresh), 'drain') : ready;
    return withShare(drained, before.arm, ALL_TRAFFIC);
  });
}

const namesOf = (instances: readonly Instance[] = []): string[] => instances.map(({ name }) => name);

/** Starts what is missing of the version before; the result is how many of its instances could not be brought back. */
async function bringBack(release: ReleaseWork, before: ReleaseRow, { deadlineAt }: UndoInput): Promise<number> {
  const running = await servingNow(release, before);
  const wanted = ordinals(before.spec.replicas);
  const missing = wanted.filter((replica) => !running.some(({ labels }) => labels.replica === replica));
  if (missing.length === 0) return 0;
  const started = await inParallel(missing, (replica) =>
    startReplica(release, { row: before, replica, step: 'way-back' }),
  );
  return joinWell(release, { row: before, instances: started, arm: before.arm, deadlineAt });
}

/** Those that are well serve without waiting for the others; the result is how many are not. */
async function joinWell(release: ReleaseWork, joining: Joining): Promise<number> {
  const joined = await joinInstances(release, joining);
  if (joined.kind === 'joined') return 0;
  const unwell = new Set(joined.complaints.map(({ instance }) => instance.name));
  const instances = joining.instances.filter(({ name }) => !unwell.has(name));
  if (instances.length === 0) return unwell.size;
  // The others may have used up the time.
  const deadlineAt = addMs(new Date().toISOString(), WELL_WITHIN_MS);
  return unwell.size + (await joinWell(release, { ...joining, instances, deadlineAt }));
}

/** Instances of the version before that the router still reaches under the address which they have now. */
async function servingNow(release: ReleaseWork, before: ReleaseRow): Promise<Instance[]> {
  const instances = await instancesOfRelease(release, before);
  const { members } = await release.router.observe(routeKey(before.environment, before.application));
  return instances.filter(({ name, state, address }) => {
    const member = members.find((one) => one.name === name);
    const isReached = member?.host === address?.host && member?.port === address?.port;
    return state === 'running' && member !== undefined && isReached && member.state !== 'maint';
  });
}
