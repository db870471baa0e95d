// Four ways from one version to another, without any memory: the least that Docker and HAProxy let one do.
import { setTimeout as pause } from 'node:timers/promises';
import type Docker from 'dockerode';
import { Stopwatch, type Split } from '../measure/stopwatch.ts';
import { removeContainers, startContainers, stopContainers, waitHealthy } from './containers.ts';
import type { Arm } from './proxy-configuration.ts';
import type { Member, Routing } from './routing.ts';

export const STRATEGIES = ['blue-green', 'canary', 'rolling', 'recreate'] as const;
/** `careless` stops members that still serve: the bench has to see failed requests then, at least with the proxy's retries off. */
export type Strategy = (typeof STRATEGIES)[number] | 'careless';

/** Percent of the requests that the new version gets, step by step. */
const CANARY_PERCENT = [5, 25, 50, 100];
const HOLD_S = 30;

/** What serves at the moment. */
export interface Serving {
  readonly arm: Arm;
  readonly members: readonly Member[];
}

export interface Deployment {
  readonly docker: Docker;
  readonly routing: Routing;
  /** Of the new version. */
  readonly image: string;
  /** Of the new containers; none of them may exist. */
  readonly names: readonly string[];
  readonly from: Serving;
  /** Of each step of a canary. */
  readonly bakeMs: number;
}

export interface Deployed {
  readonly serving: Serving;
  readonly split: Split;
}

type Way = (deployment: Deployment, watch: Stopwatch) => Promise<Serving>;

const WAYS: Readonly<Record<Strategy, Way>> = { 'blue-green': blueGreen, canary, rolling, recreate, careless };

/** Brings the new version into service and takes the old one away. Throws where it stands at the first refusal. */
export async function deployBare(strategy: Strategy, deployment: Deployment): Promise<Deployed> {
  const watch = new Stopwatch();
  const serving = await WAYS[strategy](deployment, watch);
  return { serving, split: watch.read() };
}

/** The first members of a service. */
export async function startBare({ docker, routing, image, names, from }: Deployment): Promise<Serving> {
  const watch = new Stopwatch();
  return { arm: from.arm, members: await bring({ docker, routing, image }, names, { arm: from.arm, watch }) };
}

async function blueGreen(deployment: Deployment, watch: Stopwatch): Promise<Serving> {
  const { routing, names, from } = deployment;
  const arm = otherArm(from.arm);
  const members = await bring(deployment, names, { arm, watch });
  await watch.time('routing', () => routing.setMap('stable_be', arm));
  await retire(deployment, from, watch);
  return { arm, members };
}

async function canary(deployment: Deployment, watch: Stopwatch): Promise<Serving> {
  const { routing, names, from, bakeMs } = deployment;
  const arm = otherArm(from.arm);
  const members = await bring(deployment, names, { arm, watch });
  await watch.time('routing', () => routing.setMap('canary_be', arm));
  for (const percent of CANARY_PERCENT) {
    await watch.time('routing', () => routing.setMap('canary', percent * 100));
    await watch.time('bake', () => pause(bakeMs));
  }
  await watch.time('routing', async () => {
    await routing.setMap('stable_be', arm);
    await routing.setMap('canary', 0);
  });
  await retire(deployment, from, watch);
  return { arm, members };
}

/** One more than usual, none fewer. */
async function rolling(deployment: Deployment, watch: Stopwatch): Promise<Serving> {
  const { names, from } = deployment;
  const members: Member[] = [];
  for (const [place, name] of names.entries()) {
    members.push(...(await bring(deployment, [name], { arm: from.arm, watch })));
    await retire(deployment, { arm: from.arm, members: from.members.slice(place, place + 1) }, watch);
  }
  return { arm: from.arm, members };
}

/** The old version is gone before the new one starts; requests wait meanwhile. */
async function recreate(deployment: Deployment, watch: Stopwatch): Promise<Serving> {
  const { routing, names, from } = deployment;
  await watch.time('routing', () => routing.setMap('hold', Math.ceil(Date.now() / 1000) + HOLD_S));
  await retire(deployment, from, watch);
  const members = await bring(deployment, names, { arm: from.arm, watch });
  await watch.time('routing', () => routing.setMap('hold', 0));
  return { arm: from.arm, members };
}

async function careless(deployment: Deployment, watch: Stopwatch): Promise<Serving> {
  const { docker, routing, names, from } = deployment;
  const members = await bring(deployment, names, { arm: from.arm, watch });
  await watch.time('docker', () => stopContainers(docker, from.members));
  await watch.time('routing', () => routing.park(from.arm, from.members));
  await watch.time('routing', () => routing.remove(from.arm, from.members));
  await watch.time('docker', () => removeContainers(docker, from.members));
  return { arm: from.arm, members };
}

async function bring(
  { docker, routing, image }: Pick<Deployment, 'docker' | 'routing' | 'image'>,
  names: readonly string[],
  { arm, watch }: { arm: Arm; watch: Stopwatch },
): Promise<Member[]> {
  const members = await watch.time('docker', () => startContainers(docker, image, names));
  await watch.time('health', () => waitHealthy(members));
  await watch.time('routing', () => routing.add(arm, members));
  await watch.time('health', () => routing.waitUp(arm, members));
  return members;
}

/** No new requests, then the end of the running ones, then the end of the containers. */
async function retire({ docker, routing }: Deployment, { arm, members }: Serving, watch: Stopwatch): Promise<void> {
  await watch.time('routing', () => routing.drain(arm, members));
  await watch.time('drain', () => routing.waitIdle(arm, members));
  await watch.time('routing', () => routing.park(arm, members));
  await watch.time('docker', () => stopContainers(docker, members));
  await watch.time('routing', () => routing.remove(arm, members));
  await watch.time('docker', () => removeContainers(docker, members));
}

const otherArm = (arm: Arm): Arm => (arm === 'be_a' ? 'be_b' : 'be_a');
