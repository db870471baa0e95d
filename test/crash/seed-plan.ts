// What one seed stands for, settled before anything starts: the same on every machine.
import { STANDARD_TRIAL, type TrialOptions } from '../support/crash/trial.ts';
import { VERSIONS, type Victim } from '../support/crash/world.ts';
import { Random } from '../support/crash/random.ts';

export const SCENARIOS = ['completes', 'breach', 'roll-back', 'cancel', 'pause'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const SCENARIO_TITLES: Readonly<Record<Scenario, string>> = {
  completes: 'approved, completes',
  breach: 'bad firmware, taken back by itself',
  'roll-back': 'rolled back by command in the middle of a wave',
  cancel: 'cancelled in the middle of a wave',
  pause: 'paused in the middle of a wave, resumed, completes',
};

export interface PlannedKill {
  readonly victim: Victim;
  /** After the start of the run, or after the death before it. */
  readonly afterMs: number;
  /** How long a supervisor stays dead. */
  readonly downMs: number;
}

export interface SeedPlan {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly trial: Omit<TrialOptions, 'name'>;
  readonly kills: readonly PlannedKill[];
}

const VICTIMS: readonly (readonly [Victim, number])[] = [
  ['worker', 4],
  ['gateway', 4],
  ['mosquitto', 2],
  ['postgres', 3],
  ['temporal', 2],
  ['up', 1],
  ['everything', 1],
];

/** Scenario, fleet and deaths of a seed. */
export function planSeed(seed: number): SeedPlan {
  const random = new Random(seed);
  // In turn, so that a few seeds see every scenario.
  const scenario = SCENARIOS[(seed - 1) % SCENARIOS.length] ?? 'completes';
  return {
    seed,
    scenario,
    trial: {
      ...STANDARD_TRIAL,
      devices: random.between(20, 40),
      version: scenario === 'breach' ? VERSIONS.bad : VERSIONS.good,
      needsApproval: scenario === 'completes',
      maximumPerMinute: random.one([120, 240, 600, null]),
      bake: random.one(['0s', '1s']),
      installMs: random.between(100, 300),
      rebootMs: random.between(50, 100),
    },
    kills: Array.from({ length: random.between(3, 6) }, (_, at) => ({
      victim: random.weighted(VICTIMS),
      // The first one early: a run that is over cannot be disturbed.
      afterMs: at === 0 ? random.between(100, 2_000) : random.between(100, 3_000),
      downMs: random.between(0, 500),
    })),
  };
}
