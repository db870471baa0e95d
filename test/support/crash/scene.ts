// What tests of named points share: one stack, trials that end with their test, and points that must have been reached.
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { Phase } from '#domain/run/run-state.ts';
import { Trial } from './trial.ts';
import { STANDARD_TRIAL, type TrialOptions } from './trial-options.ts';
import { judge } from './verdict.ts';
import { CrashWorld } from './world.ts';

export const DEADLINE_MS = 120_000;

export interface Scene {
  readonly world: CrashWorld;
  /** A small fleet with a plan for it; ends with the test. */
  open(over?: Partial<TrialOptions>): Promise<Trial>;
}

/** Sets a stack up for the file's tests; `world` is there inside them. */
export function openScene(): Scene {
  let world: CrashWorld | undefined;
  let count = 0;
  const trials: Trial[] = [];
  const present = (): CrashWorld => {
    if (!world) throw new Error('the stack is there in tests only');
    return world;
  };
  beforeAll(async () => void (world = await CrashWorld.open()));
  afterAll(() => world?.close());
  afterEach(async () => {
    const unreached = present().points.clear();
    await Promise.all(trials.splice(0).map((trial) => trial.close()));
    if (!present().isUp) await present().startUp();
    await present().untilWell();
    expect(unreached, 'points that nobody reached').toEqual([]);
  });
  return {
    get world() {
      return present();
    },
    async open(over = {}) {
      count += 1;
      const trial = await Trial.open(present(), { ...STANDARD_TRIAL, name: `point-${count}`, ...over });
      trials.push(trial);
      return trial;
    },
  };
}

/** Waits for the end of the run and says what is wrong with it. */
export async function problemsOf(trial: Trial, phase: Phase): Promise<string[]> {
  await trial.untilClosed(DEADLINE_MS);
  return judge(trial, phase);
}
