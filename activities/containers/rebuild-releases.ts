import { counted } from '#domain/counted.ts';
import type { ContainerLabels } from '#domain/containers/labels.ts';
import { routeKey, type Route } from '#domain/containers/route.ts';
import type { Replica } from '#domain/ports/container-engine.port.ts';
import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import { insertPlace, lockPlace, updatePlace } from '../adapters/postgres/application-places.ts';
import { findPlanByDigest } from '../adapters/postgres/plans.ts';
import { inTransaction, type Connection } from '../adapters/postgres/pool.ts';
import { insertRelease, markStable, readRelease, stableRelease } from '../adapters/postgres/release-rows.ts';
import type { ContainerWork } from './deps.ts';

type Input = Parameters<ContainerOperations['observeEnvironment']>[0];

/**
 * Writes what engines and router tell and the database does not know any more: places with their port and route, the
 * counter of releases and the generation, below which nothing may be given again, and releases whose plan is still there.
 * What a release was made of stands in its plan alone: without it nothing can go back to it. Returns in words what was
 * written, and what could not be.
 */
export async function rebuildReleases(
  work: ContainerWork,
  { environment }: Input,
  replicas: readonly Replica[],
): Promise<string[]> {
  const applications = [...new Set(replicas.map(({ labels }) => labels.application))].sort();
  const said: string[] = [];
  for (const application of applications) {
    const key = routeKey(environment, application);
    const own = replicas.filter(({ labels }) => labels.application === application);
    const written = await work.router.written(key);
    const words = await inTransaction(work.pool, async (connection) => {
      const subject = { environment, application, own, written };
      const place = await rebuildPlace(connection, subject);
      return [...place.said, ...(place.route ? await rebuildRows(connection, subject, place.route) : [])];
    });
    said.push(...words.map((line) => `${key}: ${line}`));
  }
  return said;
}

interface Subject {
  readonly environment: string;
  readonly application: string;
  readonly own: readonly Replica[];
  /** What the router was told last. */
  readonly written: Route | null;
}

interface Rebuilt {
  readonly route: Route | null;
  readonly said: readonly string[];
}

async function rebuildPlace(connection: Connection, subject: Subject): Promise<Rebuilt> {
  const { environment, application, own, written } = subject;
  const present = await lockPlace(connection, environment, application);
  if (present === null && written === null) {
    const found = counted(own.length, 'container');
    return {
      route: null,
      said: [`${found}, but the router has no route and no port is known: deploy it to give it one`],
    };
  }
  if (present === null && written) {
    await insertPlace(connection, { environment, application, listenPort: written.listen.port });
  }
  const place = present ?? (await lockPlace(connection, environment, application));
  if (place === null) {
    const port = written?.listen.port;
    return { route: null, said: [`its port ${port} is another application’s by now: deploy it to give it one`] };
  }
  const route = place.route ?? written;
  const lastRelease = Math.max(place.lastRelease, ...own.map(({ labels }) => labels.release));
  const generation = Math.max(
    place.generation,
    written?.generation ?? 0,
    ...own.map(({ labels }) => labels.generation),
  );
  const isSame = lastRelease === place.lastRelease && generation === place.generation && place.route !== null;
  if (isSame) return { route, said: [] };
  await updatePlace(connection, { ...place, lastRelease, generation, route });
  const members = counted(route?.members.length ?? 0, 'member');
  return {
    route,
    said: [`port ${place.listenPort}, ${members} of its route, last release ${lastRelease}, generation ${generation}`],
  };
}

/** The oldest of the releases in the arm in use is the one that serves; any other came after it and is on its way. */
async function rebuildRows(connection: Connection, subject: Subject, route: Route): Promise<string[]> {
  const { environment, application, own } = subject;
  const inUse = new Set(route.members.filter(({ arm }) => arm === route.stableArm).map(({ name }) => name));
  const releases = new Map(own.map(({ labels }) => [labels.release, labels]));
  const known = await stableRelease(connection, environment, application);
  const serving = own.filter(({ name }) => inUse.has(name)).map(({ labels }) => labels.release);
  const stable = known?.release ?? (serving.length === 0 ? null : Math.min(...serving));
  const said: string[] = [];
  for (const labels of [...releases.values()].sort((a, b) => a.release - b.release)) {
    const words = await rebuildRow(connection, labels, { route, own, stable });
    if (words !== null) said.push(words);
  }
  return said;
}

interface Standing {
  readonly route: Route;
  readonly own: readonly Replica[];
  readonly stable: number | null;
}

async function rebuildRow(
  connection: Connection,
  labels: ContainerLabels,
  { route, own, stable }: Standing,
): Promise<string | null> {
  const { environment, application, version, release, run, generation } = labels;
  const key = { environment, application, release };
  if ((await readRelease(connection, key)) !== null) return null;
  const named = `release ${release} (${version})`;
  const plan = await findPlanByDigest(connection, labels.plan);
  if (plan?.kind !== 'container-release') {
    return `${named} runs, but its plan is lost too: it serves until the next deployment, and nothing can go back to it`;
  }
  const names = new Set(own.filter((one) => one.labels.release === release).map(({ name }) => name));
  const arm = route.members.find(({ name }) => names.has(name))?.arm ?? route.stableArm;
  const before = stable !== null && stable < release ? stable : null;
  const { application: spec, planId } = plan;
  const { port: listenPort } = route.listen;
  const row = { ...key, run, planId, generation, version, digest: spec.image.digest, arm, listenPort, spec, before };
  await insertRelease(connection, { ...row, state: 'staging' });
  if (release !== stable) return `${named} is there again, not in use`;
  await markStable(connection, key);
  return `${named} is in use again`;
}
