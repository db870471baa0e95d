// Deaths that have happened, and how the stack came back from them.
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { Victim } from './killable-stack.ts';

export interface Death<V extends string = Victim> {
  readonly victim: V;
  readonly atMs: number;
  /** Where the run stood. */
  readonly where: string;
}

/** One that was killed before may still be starting. */
const ALIVE_DEADLINE_MS = 60_000;

export interface KillOrder<V extends string = Victim> {
  readonly victim: V;
  readonly afterMs: number;
  /** How long a supervisor stays dead. */
  readonly downMs: number;
  /** Only when everybody is well again after the deaths before. */
  readonly whenWell: boolean;
}

/** Who is killed, and comes back. */
export interface Killable<V extends string> {
  kill(victim: V): Promise<void>;
  /** Starts again who stays dead by itself. */
  startUp(): Promise<void>;
  untilWell(): Promise<void>;
}

export interface Scene<V extends string = Victim> {
  readonly world: Killable<V>;
  /** Who is not started again by anybody. */
  readonly stayDead: readonly V[];
  /** Where the run stands, for people. */
  readonly where: () => string;
  /** Aborted when the run has ended. */
  readonly over: AbortSignal;
}

/** Who died so far; grows while orders are carried out. */
export class Killing<V extends string = Victim> {
  readonly deaths: Death<V>[] = [];
  readonly #scene: Scene<V>;

  constructor(scene: Scene<V>) {
    this.#scene = scene;
  }

  /** Carries the orders out one after the other, until all are or the run is over. */
  async carryOut(orders: readonly KillOrder<V>[]): Promise<void> {
    for (const { victim, afterMs, downMs, whenWell } of orders) {
      const { world, over, stayDead } = this.#scene;
      if (whenWell) await world.untilWell();
      await pause(afterMs, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      await this.#kill(victim);
      if (!stayDead.includes(victim)) continue;
      await pause(downMs);
      await world.startUp();
    }
  }

  /** Resolves when so many have died since the beginning. */
  untilDeaths(count: number, deadlineMs: number): Promise<void> {
    return eventually(() => {
      if (this.deaths.length < count) throw new Error(`${this.deaths.length} of ${count} have died`);
    }, deadlineMs);
  }

  /** Resolves when somebody died after this moment and everybody is well again. */
  async untilNextDeathIsMended(deadlineMs: number): Promise<void> {
    await this.untilDeaths(this.deaths.length + 1, deadlineMs);
    await this.#scene.world.untilWell();
  }

  async #kill(victim: V): Promise<void> {
    const { world } = this.#scene;
    const where = this.#scene.where();
    await eventually(async () => {
      const atMs = Date.now();
      await world.kill(victim);
      this.deaths.push({ victim, where, atMs });
    }, ALIVE_DEADLINE_MS);
  }
}
