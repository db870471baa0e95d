import { isAskedAlike, routeCheckOf, type RouteCheck } from '#domain/containers/probe.ts';
import { otherArm, routeKey, type Arm, type Route } from '#domain/containers/route.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { ContainerPlan, PlannedApplication } from '#domain/plan/container-plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { PreparedRelease } from '#domain/ports/release.port.ts';
import {
  lockLastRelease,
  lockPlace,
  updatePlace,
  type ApplicationPlace,
} from '../adapters/postgres/application-places.ts';
import { inTransaction, type Connection } from '../adapters/postgres/pool.ts';
import {
  insertRelease,
  readRelease,
  releaseOfRun,
  stableRelease,
  type ReleaseRow,
} from '../adapters/postgres/release-rows.ts';
import { approvedContainerPlan } from '../runtime/approved-plan.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { applyRoute } from './change-route.ts';
import { choosePort } from './choose-port.ts';
import type { ContainerWork } from './deps.ts';
import { instancesOf } from './instances.ts';

/** Gives the run its release, once; a repeated call finds it. Throws RELEASE_OUTDATED, NO_FREE_PORT. */
export async function prepareRelease(work: ContainerWork, ref: RunRef): Promise<PreparedRelease> {
  const plan = await ridingOut(work, () => approvedContainerPlan(work.pool, ref));
  const [seen, listenPort] = await Promise.all([
    highestSeen(work, plan),
    ridingOut(work, () => choosePort(work, plan)),
  ]);
  const row = await ridingOut(work, () =>
    inTransaction(work.pool, (connection) => writeOnce(connection, { work, ref, plan, seen, listenPort })),
  );
  await work.reached?.('release-written');
  // Before anything is created: a port that somebody else has is found out here.
  const route = await applyRoute(work, row);
  const before = row.before === null ? null : await readRelease(work.pool, { ...row, release: row.before });
  return {
    release: row.release,
    generation: row.generation,
    arm: row.arm,
    before: before && {
      release: before.release,
      version: before.version,
      arm: before.arm,
      replicas: before.spec.replicas,
    },
    address: route.listen,
  };
}

interface Writing {
  readonly work: ContainerWork;
  readonly ref: RunRef;
  readonly plan: ContainerPlan;
  readonly seen: number;
  readonly listenPort: number;
}

async function writeOnce(connection: Connection, writing: Writing): Promise<ReleaseRow> {
  const { environment, application } = writing.plan;
  const place = await lockPlace(connection, environment.name, application.name);
  if (!place) throw new Error(`no place of ${application.name} in ${environment.name}`);
  // Only under the lock: another attempt of this run may be writing it.
  return (await releaseOfRun(connection, writing.ref.run)) ?? writeRelease(connection, writing, place);
}

async function writeRelease(connection: Connection, writing: Writing, place: ApplicationPlace): Promise<ReleaseRow> {
  const { plan, ref, seen } = writing;
  const { environment, application } = plan;
  const names = { environment: environment.name, application: application.name };
  const stable = await stableRelease(connection, names.environment, names.application);
  refuseOutdated(plan, stable);
  const row: ReleaseRow = {
    ...names,
    release: Math.max(await lockLastRelease(connection, application.name), seen) + 1,
    run: ref.run,
    planId: ref.planId,
    generation: place.generation + 1,
    version: application.version,
    digest: application.image.digest,
    arm: armFor(plan, stable, place.route),
    listenPort: writing.listenPort,
    spec: application,
    state: 'staging',
    before: stable?.release ?? null,
  };
  await insertRelease(connection, row);
  const route = routeFor(writing, place, { row, stable });
  const { release: lastRelease, generation } = row;
  await updatePlace(connection, { ...place, lastRelease, generation, listenPort: route.listen.port, route });
  return row;
}

/** A plan that skips the strategy because nothing served must not replace what serves by now. */
function refuseOutdated({ strategy, application, environment }: ContainerPlan, stable: ReleaseRow | null): void {
  if (strategy.kind !== 'first' || stable === null) return;
  const why = `it was made when nothing served, now ${stable.version} does`;
  throw sluiceError('RELEASE_OUTDATED', { application: application.name, environment: environment.name, why });
}

/**
 * Instances that replace each other one by one share a backend, all others come into the one that does not serve. What
 * serves without a release that the database knows (it was lost) goes on until the new one takes over.
 */
function armFor({ strategy }: ContainerPlan, stable: ReleaseRow | null, route: Route | null): Arm {
  if (stable === null) return route && isServing(route) ? otherArm(route.stableArm) : 'a';
  return strategy.kind === 'rolling' ? stable.arm : otherArm(stable.arm);
}

const isServing = ({ members, stableArm }: Route): boolean =>
  members.some(({ arm, state }) => arm === stableArm && state === 'ready');

function routeFor(
  { work, plan, listenPort }: Writing,
  place: ApplicationPlace,
  { row, stable }: { readonly row: ReleaseRow; readonly stable: ReleaseRow | null },
): Route {
  const { routing } = plan.application;
  const served = place.route && isServing(place.route) ? place.route.stableArm : row.arm;
  const stableArm = stable?.arm ?? served;
  return {
    key: routeKey(row.environment, row.application),
    environment: row.environment,
    application: row.application,
    listen: { host: work.listenHost, port: listenPort },
    previewPort: routing.previewPort,
    generation: row.generation,
    stableArm,
    canaryBasisPoints: 0,
    // Another release's clients come first; within one they stay the same.
    cohortSeed: row.release,
    // What an earlier run left beside the version in use is nobody's any more.
    members: (place.route?.members ?? []).filter(({ arm }) => arm === stableArm),
    rules: routing.rules,
    mirror: routing.mirror,
    hold: null,
    healthCheck: checkForBoth(plan.application, stable),
  };
}

/** The router asks all members the same: where the versions answer differently, an open port has to do meanwhile. */
function checkForBoth(application: PlannedApplication, stable: ReleaseRow | null): RouteCheck | null {
  const { readiness } = application;
  return stable === null || isAskedAlike(stable.spec.readiness, readiness) ? routeCheckOf(readiness) : null;
}

/** The database may be younger than the containers: a number that one of them bears is not given again. */
async function highestSeen(work: ContainerWork, { environment, application }: ContainerPlan): Promise<number> {
  const found = await instancesOf(work, application.engines, {
    environment: environment.name,
    application: application.name,
  });
  return Math.max(0, ...found.map(({ labels }) => labels.release));
}
