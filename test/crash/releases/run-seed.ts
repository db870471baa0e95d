// One seed of releases: a new version on its way, deaths at random moments and at a named one, and the verdict.
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { listEvents } from '../../../client/engine/runs/follow-events.ts';
import {
  LIN,
  SHOP,
  type ContainerStack,
  type ContainerVictim,
  type Place,
} from '../../support/containers/container-stack.ts';
import { Killing, type Death } from '../../support/crash/kills.ts';
import { letGo } from '../../support/containers/let-go.ts';
import { describePosition, openTrialPlace, ReleaseTrial } from '../../support/crash/releases/release-trial.ts';
import { judgeRelease, judgeTraffic } from '../../support/crash/releases/release-verdict.ts';
import { TrafficWatch } from '../../support/crash/releases/traffic-watch.ts';
import { waitingFor } from '../../support/crash/waiting-for.ts';
import type { SeedReport } from '../run-seed.ts';
import { planReleaseSeed, SCENARIO_TITLES, versionFor, type ReleaseSeedPlan, type Scenario } from './seed-plan.ts';

const STEP_DEADLINE_MS = 240_000;

/** Where the seeds of one stack release: the same place while all goes well, a new one after a seed that failed. */
export class SeedPlaces {
  readonly #world: ContainerStack;
  #place: Place | null = null;
  #count = 0;

  constructor(world: ContainerStack) {
    this.#world = world;
  }

  async take(): Promise<Place> {
    if (this.#place !== null) {
      // The seed before may have rolled back by hand.
      await letGo(this.#world.deps, { ...this.#place, person: LIN });
      return this.#place;
    }
    this.#count += 1;
    this.#place = await openTrialPlace(this.#world, `seeds-${this.#count}`, SHOP.first);
    return this.#place;
  }

  drop(): void {
    this.#place = null;
  }
}

/** Runs the seed; never throws for what a run does wrong. The stack is well again when it returns. */
export async function runReleaseSeed(world: ContainerStack, places: SeedPlaces, seed: number): Promise<SeedReport> {
  const plan = planReleaseSeed(seed);
  await world.untilWell();
  const place = await places.take();
  const before = (await world.releases(place)).find(({ state }) => state === 'stable')?.version ?? SHOP.first;
  const options = { version: versionFor(plan, before), config: plan.config };
  const trial = await ReleaseTrial.open(world, place, options);
  const report = await play(plan, trial);
  if (report.problems.length > 0) places.drop();
  return report;
}

interface Scene {
  readonly plan: ReleaseSeedPlan;
  readonly trial: ReleaseTrial;
  readonly killing: Killing<ContainerVictim>;
}

async function play(plan: ReleaseSeedPlan, trial: ReleaseTrial): Promise<SeedReport> {
  const { world, place } = trial;
  const watch = new TrafficWatch(world, place, SHOP.bad);
  const startedMs = Date.now();
  if (plan.point !== null) world.points.arm(plan.point);
  await trial.execute();
  const over = new AbortController();
  const where = (): string => `${((Date.now() - startedMs) / 1000).toFixed(1)} s after its start`;
  const killing = new Killing<ContainerVictim>({
    world,
    stayDead: ['up', 'everything', 'dockerd'],
    where,
    over: over.signal,
  });
  const problems: string[] = [];
  const killed = killing.carryOut(plan.kills).catch((error: unknown) => {
    problems.push(`the campaign could not go on: ${String(error)}`);
  });
  try {
    await SCRIPTS[plan.scenario]({ plan, trial, killing });
    await trial.untilClosed(STEP_DEADLINE_MS);
  } catch (error) {
    problems.push(String(error), ...(await waitingFor(trial)));
  }
  over.abort();
  await killed;
  const unreached = world.points.clear();
  await world.startUp();
  await world.untilWell();
  await watch.stop();
  problems.push(...(await judgeRelease(trial, ENDS[plan.scenario])));
  problems.push(...(await judgeTraffic(trial, watch, killing.deaths)));
  const end = describePosition(await trial.position());
  const journal = problems.length === 0 ? [] : await listEvents(world.deps, trial.run);
  const text = tell(plan, { trial, deaths: killing.deaths, problems, journal, unreached, startedMs, end });
  return { seed: plan.seed, problems, text };
}

const ENDS: Readonly<Record<Scenario, Phase>> = {
  completes: 'completed',
  breach: 'rolled-back',
  'roll-back': 'rolled-back',
  cancel: 'cancelled',
  pause: 'completed',
};

/** What people do while processes die. */
const SCRIPTS: Readonly<Record<Scenario, (scene: Scene) => Promise<void>>> = {
  completes: async () => undefined,
  breach: async () => undefined,
  'roll-back': async (scene) => {
    await untilWorthEnding(scene);
    await scene.trial.command('rollBackRun');
  },
  cancel: async (scene) => {
    await untilWorthEnding(scene);
    await scene.trial.command('cancelRun');
  },
  pause: async ({ trial, killing }) => {
    await trial.command('pauseRun');
    await killing.untilDeaths(1, STEP_DEADLINE_MS);
    await trial.until('it is paused', ({ phase }) => phase === 'paused', STEP_DEADLINE_MS);
    await trial.command('resumeRun');
  },
};

/** A command that ends the run comes while it bakes, and not before somebody has died. */
async function untilWorthEnding({ trial, killing }: Scene): Promise<void> {
  await killing.untilDeaths(1, STEP_DEADLINE_MS);
  const isBaking = ({ step }: { readonly step: string | null }): boolean => step?.startsWith('bake') ?? false;
  await trial.until('it bakes', isBaking, STEP_DEADLINE_MS);
}

interface Story {
  readonly trial: ReleaseTrial;
  readonly deaths: readonly Death<ContainerVictim>[];
  readonly problems: readonly string[];
  /** Of a run with problems. */
  readonly journal: readonly JournalEntry[];
  readonly unreached: readonly string[];
  readonly startedMs: number;
  readonly end: string;
}

function tell(plan: ReleaseSeedPlan, story: Story): string {
  const { trial, deaths, problems, journal, unreached, startedMs, end } = story;
  const mark = problems.length === 0 ? '✓' : '✗';
  const point = plan.point === null || unreached.includes(plan.point) ? [] : [`    the worker died at ${plan.point}`];
  const { before, options } = trial;
  return [
    `${mark} release seed ${plan.seed}: ${before} → ${options.version} by ${plan.strategy}, ${SCENARIO_TITLES[plan.scenario]}`,
    ...deaths.map(({ victim, where }) => `    ${victim.padEnd(10)} died ${where}`),
    ...point,
    `    after ${((Date.now() - startedMs) / 1000).toFixed(1)} s: ${end}`,
    ...problems.map((problem) => `    ✗ ${problem}`),
    ...journal.map(({ at, summary }) => `      ${at} ${summary}`),
  ].join('\n');
}
