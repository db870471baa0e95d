// Deaths that have happened, and how the stack came back from them.
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../eventually.ts';
import type { Observer } from './observer.ts';
import { describe } from './trial.ts';
import type { CrashWorld, Victim } from './world.ts';

export interface Death {
  readonly victim: Victim;
  readonly atMs: number;
  /** Where the run stood. */
  readonly where: string;
}

/** One that was killed before may still be starting. */
const ALIVE_DEADLINE_MS = 60_000;

export interface KillOrder {
  readonly victim: Victim;
  readonly afterMs: number;
  /** How long a supervisor stays dead. */
  readonly downMs: number;
  /** Only when everybody is well again after the deaths before. */
  readonly whenWell: boolean;
}

export interface Scene {
  readonly world: CrashWorld;
  readonly observer: Observer;
  /** Aborted when the run has ended. */
  readonly over: AbortSignal;
}

/** Who died so far; grows while orders are carried out. */
export class Killing {
  readonly deaths: Death[] = [];
  readonly #scene: Scene;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** Carries the orders out one after the other, until all are or the run is over. */
  async carryOut(orders: readonly KillOrder[]): Promise<void> {
    for (const { victim, afterMs, downMs, whenWell } of orders) {
      const { world, over } = this.#scene;
      if (whenWell) await world.untilWell();
      await pause(afterMs, undefined, { signal: over }).catch(() => undefined);
      if (over.aborted) return;
      await this.#kill(victim);
      if (victim !== 'up' && victim !== 'everything') continue;
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

  async #kill(victim: Victim): Promise<void> {
    const { world, observer } = this.#scene;
    const where = observer.last ? describe(observer.last) : 'before its first step';
    await eventually(async () => {
      const atMs = Date.now();
      await world.kill(victim);
      this.deaths.push({ victim, where, atMs });
    }, ALIVE_DEADLINE_MS);
  }
}
