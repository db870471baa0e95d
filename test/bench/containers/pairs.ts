// The script and the engine in turn, on the same Docker Engine and under the same load.
import type { ShopVersion } from '../../../examples/shop/build-image.ts';
import { BareShop } from './bare/bare-scenes.ts';
import type { Retries } from './bare/proxy-configuration.ts';
import type { Strategy } from './bare/strategies.ts';
import { DurableShop } from './durable/durable-shop.ts';
import { measureWayBack, measureWeight, type WeightAccuracy } from './durable/traffic-answers.ts';
import { FULL_LOAD, NO_LOAD } from './load/load-process.ts';
import { playScene, type SceneResult } from './measure/scene.ts';
import type { Split } from './measure/stopwatch.ts';
import type { BenchServers } from './servers/bench-servers.ts';

const [BEFORE, AFTER] = ['1.0.0', '1.1.0'] as const satisfies ShopVersion[];
/** Of streams and WebSockets: a drain lasts as long as the longest that is left. */
const LONG_SECONDS = 3;
const STEADY_MS = 3_000;
const REPLICAS = 4;
const BAKE_MS = 2_000;
const WEIGHT_REQUESTS = 10_000;

export type LoadName = 'none' | 'full';
export type Side = 'bare' | 'durable';

export interface PairScene {
  readonly side: Side;
  readonly strategy: Strategy;
  readonly retries: Retries;
  readonly load: LoadName;
  readonly pair: number;
  readonly result: SceneResult;
}

export interface PairOptions {
  readonly strategies: readonly Strategy[];
  readonly retries: Retries;
  readonly loads: readonly LoadName[];
  readonly pairs: number;
  /** Over kept connections, under load; short ones in proportion. */
  readonly perSecond: number;
  /** Of each scene under load. */
  readonly minimumRequests: number;
}

export interface Extras {
  readonly weight: WeightAccuracy;
  readonly wayBackMs: readonly number[];
}

interface Shop {
  readonly port: number;
  deploy(strategy: Strategy, version: ShopVersion): Promise<Split>;
}

/** Reports each scene as it ends; the result is what was measured beside them. */
export async function playPairs(
  servers: BenchServers,
  options: PairOptions,
  report: (scene: PairScene) => void,
): Promise<Extras> {
  const service = { retries: options.retries, replicas: REPLICAS, bakeMs: BAKE_MS };
  const bare = await BareShop.open(servers, service);
  try {
    const durable = await DurableShop.open(servers, service);
    try {
      await playAll({ bare, durable }, options, report);
      return await measureExtras(durable, options.pairs);
    } finally {
      await durable.close();
    }
  } finally {
    await bare.end();
  }
}

/** The first legs of both only warm up what runs on. */
async function playAll(
  shops: Readonly<Record<Side, Shop>>,
  options: PairOptions,
  report: (scene: PairScene) => void,
): Promise<void> {
  const { retries } = options;
  for (const version of [AFTER, BEFORE]) {
    await shops.bare.deploy('blue-green', version);
    await shops.durable.deploy('blue-green', version);
  }
  for (const load of options.loads) {
    for (const strategy of options.strategies) {
      for (let pair = 1; pair <= options.pairs; pair += 1) {
        const order: Side[] = pair % 2 === 1 ? ['bare', 'durable'] : ['durable', 'bare'];
        for (const side of order) {
          const result = await play(shops[side], { ...options, strategy, load });
          report({ side, strategy, retries, load, pair, result });
        }
      }
    }
  }
}

interface Scene extends Pick<PairOptions, 'perSecond' | 'minimumRequests'> {
  readonly strategy: Strategy;
  readonly load: LoadName;
}

function play(shop: Shop, { strategy, load, perSecond, minimumRequests }: Scene): Promise<SceneResult> {
  const isFull = load === 'full';
  return playScene({
    load: { ...(isFull ? loadAt(perSecond) : NO_LOAD), host: '127.0.0.1', port: shop.port },
    steadyMs: isFull ? STEADY_MS : 0,
    minimumRequests: isFull ? minimumRequests : 0,
    forward: () => shop.deploy(strategy, AFTER),
    back: () => shop.deploy(strategy, BEFORE),
  });
}

function loadAt(perSecond: number): typeof FULL_LOAD {
  const shortPerSecond = (FULL_LOAD.shortPerSecond * perSecond) / FULL_LOAD.keepAlivePerSecond;
  return { ...FULL_LOAD, keepAlivePerSecond: perSecond, shortPerSecond, longSeconds: LONG_SECONDS };
}

async function measureExtras(durable: DurableShop, times: number): Promise<Extras> {
  const weight = await measureWeight(durable, WEIGHT_REQUESTS);
  const wayBackMs: number[] = [];
  for (let time = 0; time < times; time += 1) wayBackMs.push(await measureWayBack(durable));
  return { weight, wayBackMs };
}
