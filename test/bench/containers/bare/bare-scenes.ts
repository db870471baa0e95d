// The bare script on real servers, one strategy after the other.
import type { ShopVersion } from '../../../../examples/shop/build-image.ts';
import { startHaproxy, type HaproxyServer } from '../../../support/servers/haproxy.ts';
import { freePort } from '../../../support/servers/ports.ts';
import { FULL_LOAD } from '../load/load-process.ts';
import type { LoadOptions } from '../load/load-report.ts';
import { playScene, type SceneResult } from '../measure/scene.ts';
import type { Split } from '../measure/stopwatch.ts';
import type { BenchServers } from '../servers/bench-servers.ts';
import { proxyConfiguration, type Retries } from './proxy-configuration.ts';
import { Routing } from './routing.ts';
import { deployBare, startBare, type Serving, type Strategy } from './strategies.ts';

/** Streams decide how long a drain takes; where there are many drains, or where requests wait for it, they are shorter. */
const LONG_SECONDS: Readonly<Record<Strategy, number>> = {
  'blue-green': 10,
  canary: 10,
  rolling: 3,
  recreate: 3,
  careless: 3,
};
const [BEFORE, AFTER] = ['1.0.0', '1.1.0'] as const satisfies ShopVersion[];

/** What the script brings into service, and how slowly. */
export interface BareService {
  readonly retries: Retries;
  readonly replicas: number;
  readonly bakeMs: number;
}

export interface BareOptions extends BareService {
  readonly strategies: readonly Strategy[];
  readonly steadyMs: number;
  readonly minimumRequests: number;
  /** In place of the full load. */
  readonly load?: Partial<LoadOptions>;
}

export interface BareScene {
  readonly name: string;
  readonly strategy: Strategy;
  readonly retries: Retries;
  readonly result: SceneResult;
}

/** A proxy and its members for all strategies; each goes 1.0.0 → 1.1.0 → 1.0.0 under its own load. Reports every scene as it ends. */
export async function playBareScenes(
  servers: BenchServers,
  options: BareOptions,
  report: (scene: BareScene) => void,
): Promise<void> {
  const service = await BareShop.open(servers, options);
  try {
    for (const strategy of options.strategies) {
      const { port } = service;
      const load = { ...FULL_LOAD, longSeconds: LONG_SECONDS[strategy], ...options.load, host: '127.0.0.1', port };
      const deploy = (version: ShopVersion) => () => service.deploy(strategy, version);
      const result = await playScene({ ...options, load, forward: deploy(AFTER), back: deploy(BEFORE) });
      report({ name: `${strategy}, retries ${options.retries}`, strategy, retries: options.retries, result });
    }
  } finally {
    await service.end();
  }
}

/** The shop behind a proxy of its own, deployed by the script. */
export class BareShop {
  readonly port: number;
  readonly #servers: BenchServers;
  readonly #proxy: HaproxyServer;
  readonly #routing: Routing;
  readonly #options: BareService;
  #serving: Serving = { arm: 'be_a', members: [] };
  #release = 0;

  private constructor(
    servers: BenchServers,
    proxy: HaproxyServer,
    { port, ...options }: BareService & { port: number },
  ) {
    this.port = port;
    this.#servers = servers;
    this.#proxy = proxy;
    this.#routing = new Routing(proxy.folder);
    this.#options = options;
  }

  /** Serves 1.0.0 when this returns. */
  static async open(servers: BenchServers, options: BareService): Promise<BareShop> {
    const port = await freePort();
    const proxy = await startHaproxy({
      configuration: ({ folder }) => proxyConfiguration(folder, port, options.retries),
    });
    const shop = new BareShop(servers, proxy, { ...options, port });
    try {
      shop.#serving = await startBare(shop.#deploymentOf(BEFORE));
      return shop;
    } catch (error) {
      await shop.end();
      throw error;
    }
  }

  async deploy(strategy: Strategy, version: ShopVersion): Promise<Split> {
    const { serving, split } = await deployBare(strategy, this.#deploymentOf(version));
    this.#serving = serving;
    return split;
  }

  async end(): Promise<void> {
    const { docker } = this.#servers.engine;
    const removals = this.#serving.members.map(({ name }) => docker.getContainer(name).remove({ force: true }));
    await Promise.allSettled(removals);
    await this.#proxy.stop();
  }

  #deploymentOf(version: ShopVersion) {
    this.#release += 1;
    // Beside containers of somebody else on the same engine.
    const names = Array.from({ length: this.#options.replicas }, (_, place) => `bare-${this.#release}-${place + 1}`);
    const { engine, images } = this.#servers;
    const { bakeMs } = this.#options;
    const image = images[version].imageId;
    return { docker: engine.docker, routing: this.#routing, image, names, from: this.#serving, bakeMs };
  }
}
