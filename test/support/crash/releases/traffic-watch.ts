// What clients and the router see of a release: a request every 50 ms, and the share of the traffic that the new version has.
import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { ALL_TRAFFIC, routeKey } from '#domain/containers/route.ts';
import type { ObservedRoute } from '#domain/ports/router.port.ts';
import type { ContainerStack, Place } from '../../containers/container-stack.ts';

const EVERY_MS = 50;
/** A router that keeps requests waiting is not asked for ever more. */
const MOST_UNDER_WAY = 100;
const ANSWER_TIMEOUT_MS = 240_000;

export interface Probe {
  readonly atMs: number;
  readonly endedAtMs: number;
  /** Null for an answer of one of the versions that is good; of a bad one its failures are expected. */
  readonly failure: string | null;
}

export interface Share {
  readonly atMs: number;
  /** Basis points of the requests that each release gets. */
  readonly byRelease: ReadonlyMap<number, number>;
}

export class TrafficWatch {
  readonly probes: Probe[] = [];
  readonly shares: Share[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<unknown>;
  readonly #underWay = new Set<Promise<void>>();

  /** `badVersion` may answer with a 500. */
  constructor({ router }: ContainerStack, place: Place, badVersion: string) {
    const ask = async () => {
      if (this.#underWay.size >= MOST_UNDER_WAY) return;
      const asked = this.#probe(place, badVersion);
      this.#underWay.add(asked);
      void asked.finally(() => this.#underWay.delete(asked));
    };
    const look = async () => {
      const atMs = Date.now();
      const route = await router.observe(routeKey(place.environment, place.application));
      this.shares.push({ atMs, byRelease: sharesOf(route) });
    };
    this.#ended = Promise.all([this.#repeat(ask), this.#repeat(look)]);
  }

  /** Ends it; requests that still wait are waited for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
    await Promise.all(this.#underWay);
  }

  async #repeat(once: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      // A router that is dead tells nothing.
      await once().catch(() => undefined);
      await pause(EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #probe({ port }: Place, badVersion: string): Promise<void> {
    const atMs = Date.now();
    const failure = await askOnce(port, badVersion);
    this.probes.push({ atMs, endedAtMs: Date.now(), failure });
  }
}

/** One request on a connection of its own, tried once. */
function askOnce(port: number, badVersion: string): Promise<string | null> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, agent: false, timeout: ANSWER_TIMEOUT_MS }, (answer) => {
      const version = String(answer.headers['x-version'] ?? 'the router');
      const isFine = answer.statusCode === 200 || version === badVersion;
      answer
        .on('error', (error) => resolve(error.message))
        .on('end', () => resolve(isFine ? null : `${answer.statusCode} from ${version}`))
        .resume();
    });
    asked.on('timeout', () => asked.destroy(new Error(`no answer in ${ANSWER_TIMEOUT_MS} ms`)));
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message)).end();
  });
}

/** Basis points of the traffic by release: instances that are ready share what their arm gets, by weight. A drain of a router that has just started is a weight of 0. */
export function sharesOf({ stableArm, canaryBasisPoints, members }: ObservedRoute): Map<number, number> {
  const shares = new Map<number, number>();
  const ready = members.filter(({ state }) => state === 'ready');
  for (const { name, arm, weight } of ready) {
    const ofArm = arm === stableArm ? ALL_TRAFFIC - canaryBasisPoints : canaryBasisPoints;
    const weights = ready.filter((one) => one.arm === arm).reduce((sum, one) => sum + one.weight, 0);
    const release = Number(name.split('-').at(-2));
    shares.set(release, (shares.get(release) ?? 0) + (weights === 0 ? 0 : (ofArm * weight) / weights));
  }
  return shares;
}
