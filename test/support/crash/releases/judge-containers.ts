// Whether exactly what should run does, and the router serves exactly that.
import { ALL_TRAFFIC, routeKey } from '#domain/containers/route.ts';
import { REPLICAS, type ReleaseTrial } from './release-trial.ts';
import { sharesOf } from './traffic-watch.ts';

/** `version` is in use and alone: each replica once, all running, all up in the router, nothing else left. */
export async function judgeContainers({ world, place }: ReleaseTrial, version: string): Promise<string[]> {
  const stable = (await world.releases(place)).filter(({ state }) => state === 'stable');
  const [inUse] = stable;
  if (stable.length !== 1 || inUse?.version !== version) {
    const named = stable.map((one) => `${one.version} (release ${one.release})`).join(', ') || 'nothing';
    return [`releases: ${named} is stable, not ${version}`];
  }
  const containers = await world.containers(place);
  const found = containers.map(({ Labels, State }) => tell(Labels['sluice.release'], Labels['sluice.replica'], State));
  const wanted = Array.from({ length: REPLICAS }, (_, at) => tell(inUse.release, at + 1, 'running'));
  const names = containers.map(({ Names }) => Names[0]?.slice(1) ?? '').sort();
  return [...differences('container', found, wanted), ...(await judgeRouter({ world, place }, names, inUse.release))];
}

const tell = (release: string | number | undefined, replica: string | number | undefined, state: string): string =>
  `${release ?? '?'}-${replica ?? '?'} ${state}`;

function differences(what: string, found: readonly string[], wanted: readonly string[]): string[] {
  const twice = found.filter((one, at) => found.indexOf(one) !== at);
  return [
    ...wanted.filter((one) => !found.includes(one)).map((one) => `${what}: ${one} is missing`),
    ...found.filter((one) => !wanted.includes(one)).map((one) => `${what}: ${one} is left over`),
    ...twice.map((one) => `${what}: ${one} is there twice`),
  ];
}

async function judgeRouter(
  { world, place }: Pick<ReleaseTrial, 'world' | 'place'>,
  names: readonly string[],
  release: number,
): Promise<string[]> {
  const route = await world.router.observe(routeKey(place.environment, place.application));
  const members = route.members.map(({ name }) => name);
  const unwell = route.members.filter(({ up, state }) => !up || state !== 'ready');
  const share = Math.round(sharesOf(route).get(release) ?? 0);
  return [
    ...differences('router', members, names),
    ...unwell.map(({ name, state }) => `router: ${name} is ${state} and not served`),
    ...(share === ALL_TRAFFIC ? [] : [`router: release ${release} gets ${share} basis points`]),
    ...(route.isHolding ? ['router: requests are kept waiting'] : []),
  ];
}
