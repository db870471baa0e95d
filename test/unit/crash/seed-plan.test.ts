import { describe, expect, it } from 'vitest';
import { planSeed, SCENARIOS, type SeedPlan } from '../../crash/seed-plan.ts';
import { PART_NAMES } from '../../../client/engine/stack/part-names.ts';

const plans = (seeds: number): SeedPlan[] => Array.from({ length: seeds }, (_, at) => planSeed(at + 1));
const victimsOf = (some: readonly SeedPlan[]): string[] =>
  some.flatMap(({ kills }) => kills.map(({ victim }) => victim));

describe('the plan of a seed', () => {
  it('is the same every time', () => {
    expect(plans(20)).toEqual(plans(20));
  });

  it('lets everything, the supervisor and the HTTP server die already on five seeds, in every scenario', () => {
    expect(victimsOf(plans(5))).toEqual(expect.arrayContaining(['everything', 'up', 'http']));
    expect(plans(5).map(({ scenario }) => scenario)).toEqual(SCENARIOS);
  });

  it('gives each victim a fair share on twenty', () => {
    const victims = victimsOf(plans(20));
    // No device is reached through the router: it dies where applications are released.
    const parts = PART_NAMES.filter((part) => !['haproxy', 'docker', 'registry'].includes(part));
    for (const victim of [...parts, 'up', 'everything']) {
      expect(victims.filter((one) => one === victim).length, victim).toBeGreaterThanOrEqual(victims.length * 0.05);
    }
  });

  it('kills two parts within 300 ms on every second seed', () => {
    for (const { seed, kills } of plans(40).filter((plan) => plan.seed % 2 === 1)) {
      const [, one, other] = kills;
      expect(other?.afterMs, `seed ${seed}`).toBeLessThanOrEqual(300);
      expect(PART_NAMES, `seed ${seed}`).toEqual(expect.arrayContaining([one?.victim, other?.victim]));
      expect(one?.victim).not.toBe(other?.victim);
    }
  });

  it('releases slowly, so that every wave has a middle', () => {
    for (const { trial } of plans(40)) expect(trial.maximumPerMinute).toBeLessThanOrEqual(300);
  });
});
