// What one seed of a release stands for, settled before anything starts: the same on every machine.
import { SHOP, type ContainerVictim } from '../../support/containers/container-stack.ts';
import type { KillOrder } from '../../support/crash/kills.ts';
import { Random } from '../../support/crash/random.ts';

export const SCENARIOS = ['completes', 'breach', 'roll-back', 'cancel', 'pause'] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const SCENARIO_TITLES: Readonly<Record<Scenario, string>> = {
  completes: 'a good version, completes',
  breach: 'a bad version, taken back by itself',
  'roll-back': 'rolled back by command while it bakes',
  cancel: 'cancelled while it bakes',
  pause: 'paused, resumed, completes',
};

export const STRATEGIES = ['blue_green', 'canary', 'rolling', 'recreate', 'immediate'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface ReleaseSeedPlan {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly strategy: Strategy;
  readonly config: object;
  readonly isBad: boolean;
  /** Where the worker dies if it comes there; null: only at random moments. */
  readonly point: string | null;
  readonly kills: readonly KillOrder<ContainerVictim>[];
}

/** One of these dies for certain, in turn; their number and that of the scenarios have no common divisor. */
const IN_TURN = ['worker', 'everything', 'dockerd', 'postgres', 'haproxy', 'temporal', 'up'] as const;
/** The others die by chance: those that act or decide more often than the rest. */
const BY_CHANCE = [
  ['worker', 4],
  ['haproxy', 2],
  ['dockerd', 2],
  ['postgres', 2],
  ['temporal', 2],
] as const satisfies readonly (readonly [ContainerVictim, number])[];

const FORWARD_POINTS = [
  'release-written',
  'image-pulled',
  'container-created',
  'container-started',
  'instances-ready',
  'route-written',
  'route-applied',
  'after:stageInstances',
  'after:verifyInstances',
] as const;
const BACK_POINTS = ['traffic-returned', 'instances-drained', 'container-stopped', 'container-removed'] as const;
/** Never over by itself. */
const ENDLESS = '30m';

/** Scenario, strategy and deaths of a seed. */
export function planReleaseSeed(seed: number): ReleaseSeedPlan {
  const random = new Random(seed);
  const round = Math.floor((seed - 1) / SCENARIOS.length);
  // In turn, so that a few seeds see every scenario and every strategy, and many see every pair.
  const scenario = SCENARIOS[(seed - 1) % SCENARIOS.length] ?? 'completes';
  const wished = STRATEGIES[(seed - 1 + round) % STRATEGIES.length] ?? 'blue_green';
  // Nothing can be told to a release that is over at once.
  const strategy = wished === 'immediate' && scenario !== 'completes' ? 'blue_green' : wished;
  const points = ['completes', 'pause'].includes(scenario) ? FORWARD_POINTS : [...FORWARD_POINTS, ...BACK_POINTS];
  return {
    seed,
    scenario,
    strategy,
    config: configOf(strategy, scenario),
    isBad: scenario === 'breach',
    point: random.between(0, 1) === 0 ? null : random.one(points),
    kills: planKills(random, seed),
  };
}

function configOf(strategy: Strategy, scenario: Scenario): object {
  const bake = scenario === 'completes' || scenario === 'pause' ? '1s' : ENDLESS;
  const paced = strategy === 'canary' ? { canary_steps: [10, 50, 100] } : {};
  // Whoever holds requests holds them until a stack that died is back.
  const held = strategy === 'recreate' ? { maximum_hold: '3m' } : {};
  // Given up before the campaign gives up, so that the run itself says what it waited for.
  const timeout = '2m';
  return { strategy, timeout, ...paced, ...held, ...(strategy === 'immediate' ? {} : { bake }) };
}

/** One to four deaths, the first one early: a run that is over cannot be disturbed. */
function planKills(random: Random, seed: number): KillOrder<ContainerVictim>[] {
  const certain = IN_TURN[(seed - 1) % IN_TURN.length] ?? 'worker';
  return Array.from({ length: random.between(1, 4) }, (_, at) => ({
    victim: at === 0 ? certain : random.weighted<ContainerVictim>(BY_CHANCE),
    afterMs: at === 0 ? random.between(50, 1_200) : random.between(200, 2_000),
    downMs: random.between(0, 500),
    whenWell: false,
  }));
}

/** The version that a seed brings out where `before` serves. */
export const versionFor = ({ isBad }: ReleaseSeedPlan, before: string): string =>
  isBad ? SHOP.bad : before === SHOP.first ? SHOP.good : SHOP.first;
