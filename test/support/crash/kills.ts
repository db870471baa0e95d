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
  readonly downMs: number;
}

/** Carries the orders out one after the other, until all are or the run is over; the result holds those that hit it. */
export async function carryOut(
  orders: readonly KillOrder[],
  scene: { readonly world: CrashWorld; readonly observer: Observer; readonly over: AbortSignal },
): Promise<Death[]> {
  const deaths: Death[] = [];
  for (const { victim, afterMs, downMs } of orders) {
    await pause(afterMs, undefined, { signal: scene.over }).catch(() => undefined);
    if (scene.over.aborted) return deaths;
    const last = scene.observer.last;
    const where = last ? describe(last) : 'before its first step';
    deaths.push({ victim, where, atMs: await kill(scene.world, victim) });
    if (victim !== 'up' && victim !== 'everything') continue;
    await pause(downMs);
    await scene.world.startUp();
  }
  return deaths;
}

async function kill(world: CrashWorld, victim: Victim): Promise<number> {
  if (victim === 'up') {
    const atMs = Date.now();
    await world.killUp();
    return atMs;
  }
  if (victim === 'everything') {
    const atMs = Date.now();
    await world.killEverything();
    return atMs;
  }
  return eventually(() => {
    world.killPart(victim);
    return Date.now();
  }, ALIVE_DEADLINE_MS);
}
