import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContainerStack } from '../../support/containers/container-stack.ts';
import { wholeNumber } from '../../support/crash/whole-number.ts';
import { runReleaseSeed, SeedPlaces } from './run-seed.ts';
import { planReleaseSeed, SCENARIO_TITLES } from './seed-plan.ts';

const SEEDS = wholeNumber(process.env['SLUICE_CRASH_SEEDS'] ?? '5', 'SLUICE_CRASH_SEEDS');

describe('a release under random kills', () => {
  let world: ContainerStack;
  let places: SeedPlaces;
  beforeAll(async () => {
    world = await ContainerStack.open();
    places = new SeedPlaces(world);
  }, 300_000);
  afterAll(() => world.close());

  const seeds = Array.from({ length: SEEDS }, (_, at) => planReleaseSeed(at + 1));
  it.each(seeds.map(({ seed, strategy, scenario }) => [seed, strategy, SCENARIO_TITLES[scenario]] as const))(
    'ends as it should: seed %i (%s, %s)',
    async (seed) => {
      const { problems, text } = await runReleaseSeed(world, places, seed);
      console.log(text);
      expect(problems).toEqual([]);
    },
  );
});
