// What one seed stands for, settled before anything starts: the same on every machine.
import type { KillOrder } from '../support/crash/kills.ts';
import { Random } from '../support/crash/random.ts';
import { STANDARD_TRIAL, type TrialOptions } from '../support/crash/trial-options.ts';
import type { Victim } from '../support/crash/killable-stack.ts';
import { VERSIONS } from '../support/crash/world.ts';

export const SCENARIOS = ['completes', 'breach', 'roll-back', 'cancel', 'pause'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const SCENARIO_TITLES: Readonly<Record<Scenario, string>> = {
  completes: 'approved, completes',
  breach: 'bad firmware, taken back by itself',
  'roll-back': 'rolled back by command in the middle of a wave',
  cancel: 'cancelled in the middle of a wave',
  pause: 'paused in the middle of a wave, resumed, completes',
};

export interface SeedPlan {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly trial: Omit<TrialOptions, 'name'>;
  /** At least half of these hit the run. */
  readonly kills: readonly KillOrder[];
  /** Go on with these until the run has ended. */
  readonly moreKills: readonly KillOrder[];
}

/** One of these dies for certain, in turn; their number and that of the scenarios have no common divisor. */
const IN_TURN = ['everything', 'worker', 'http', 'gateway', 'up', 'postgres', 'temporal', 'mosquitto'] as const;
/** The others die by chance: those that hold state or decide more often than the rest. */
const PARTS = [
  ['worker', 3],
  ['gateway', 3],
  ['mosquitto', 2],
  ['postgres', 3],
  ['temporal', 2],
  ['http', 2],
] as const satisfies readonly (readonly [Victim, number])[];
const ALL = [...PARTS, ['up', 2], ['everything', 2]] as const satisfies readonly (readonly [Victim, number])[];
/** Longest time between the two deaths of a burst. */
const BURST_MS = 300;
const MORE_KILLS = 12;

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
      devices: random.between(16, 24),
      version: scenario === 'breach' ? VERSIONS.bad : VERSIONS.good,
      needsApproval: scenario === 'completes',
      // So slow that every wave has a middle, however late somebody looks.
      maximumPerMinute: random.one([180, 240, 300]),
      confirm: random.one(['succeeded', 'reported']),
      bake: random.one(['0s', '1s']),
      // A bad version has to last: the run is over when its first devices have failed.
      installMs: scenario === 'breach' ? random.between(500, 800) : random.between(100, 300),
      rebootMs: scenario === 'breach' ? random.between(300, 500) : random.between(50, 100),
    },
    kills: planKills(random, seed),
    moreKills: Array.from({ length: MORE_KILLS }, () => ({
      // A whole stack takes as long to come back as the rest of the run.
      victim: random.weighted<Victim>(PARTS),
      afterMs: random.between(1_000, 3_000),
      downMs: random.between(0, 500),
      whenWell: true,
    })),
  };
}

/** Three or four deaths, the first one early: a run that is over cannot be disturbed. On every second seed two come at once. */
function planKills(random: Random, seed: number): KillOrder[] {
  const certain = IN_TURN[(seed - 1) % IN_TURN.length] ?? 'everything';
  const kills = Array.from({ length: random.between(3, 4) }, (_, at) => ({
    victim: at === 0 ? certain : random.weighted<Victim>(ALL),
    afterMs: at === 0 ? random.between(100, 1_500) : random.between(200, 1_500),
    downMs: random.between(0, 500),
    whenWell: false,
  }));
  if (seed % 2 === 0) return kills;
  const [first, ...others] = kills;
  const [one, other] = twoParts(random, certain);
  const burst = [{ victim: one }, { victim: other, afterMs: random.between(0, BURST_MS) }];
  return [first, ...others.map((kill, at) => ({ ...kill, ...burst[at] }))].flatMap((kill) => kill ?? []);
}

/** Two parts that run when `dead` has just been killed. */
function twoParts(random: Random, dead: Victim): [Victim, Victim] {
  const one = random.weighted(PARTS.filter(([victim]) => victim !== dead));
  return [one, random.weighted(PARTS.filter(([victim]) => victim !== dead && victim !== one))];
}
