import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wholeNumber } from '../support/crash/whole-number.ts';
import { CrashWorld } from '../support/crash/world.ts';
import { runSeed } from './run-seed.ts';
import { planSeed, SCENARIO_TITLES } from './seed-plan.ts';

const SEEDS = wholeNumber(process.env['SLUICE_CRASH_SEEDS'] ?? '5', 'SLUICE_CRASH_SEEDS');

describe('a rollout under random kills', () => {
  let world: CrashWorld;
  beforeAll(async () => void (world = await CrashWorld.open()));
  afterAll(() => world.close());

  const seeds = Array.from({ length: SEEDS }, (_, at) => planSeed(at + 1));
  it.each(seeds.map(({ seed, scenario }) => [seed, SCENARIO_TITLES[scenario]] as const))(
    'ends as it should: seed %i (%s)',
    async (seed) => {
      const { problems, text } = await runSeed(world, seed);
      console.log(text);
      expect(problems).toEqual([]);
    },
  );
});
