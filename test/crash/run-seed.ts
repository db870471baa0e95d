// One seed of the campaign: a rollout, deaths at random moments until it has ended, and the verdict.
import type { Phase } from '#domain/run/run-state.ts';
import { judgePause } from '../support/crash/judge-offers.ts';
import { eventually } from '../support/eventually.ts';
import { Killing, type Death } from '../support/crash/kills.ts';
import { Observer } from '../support/crash/observer.ts';
import { stackEvents } from '../support/crash/stack-log.ts';
import { describe, Trial } from '../support/crash/trial.ts';
import { judge } from '../support/crash/verdict.ts';
import { waitingFor } from '../support/crash/waiting-for.ts';
import type { CrashWorld } from '../support/crash/world.ts';
import { planSeed, SCENARIO_TITLES, type Scenario, type SeedPlan } from './seed-plan.ts';

export interface SeedReport {
  readonly seed: number;
  /** What went wrong; empty when nothing did. */
  readonly problems: readonly string[];
  /** The block that people read. */
  readonly text: string;
}

const STEP_DEADLINE_MS = 180_000;

/** Runs the seed on `world`; never throws for what a run does wrong. The stack is well again when it returns. */
export async function runSeed(world: CrashWorld, seed: number): Promise<SeedReport> {
  const plan = planSeed(seed);
  await world.untilWell();
  const trial = await Trial.open(world, { ...plan.trial, name: `seed-${seed}-${Date.now().toString(36)}` });
  try {
    return await play(plan, trial);
  } finally {
    await trial.close();
    if (!world.isUp) await world.startUp();
  }
}

async function play(plan: SeedPlan, trial: Trial): Promise<SeedReport> {
  const startedMs = Date.now();
  await trial.execute();
  const observer = new Observer(trial);
  const over = new AbortController();
  const where = (): string => (observer.last ? describe(observer.last) : 'before its first step');
  const killing = new Killing({ world: trial.world, stayDead: ['up', 'everything'], where, over: over.signal });
  const problems: string[] = [];
  const killed = killing.carryOut([...plan.kills, ...plan.moreKills]).catch((error: unknown) => {
    problems.push(`the campaign could not go on: ${String(error)}`);
  });
  try {
    problems.push(...(await SCRIPTS[plan.scenario]({ plan, trial, killing })));
    await trial.untilClosed(STEP_DEADLINE_MS);
  } catch (error) {
    problems.push(String(error), ...(await waitingFor(trial)));
  }
  over.abort();
  await killed;
  await observer.stop();
  const end = await trial.position();
  const closedMs = end.completedAtMs ?? Date.now();
  // Who died when the run had ended already disturbed nothing.
  const deaths = killing.deaths.filter(({ atMs }) => atMs <= closedMs);
  problems.push(...judgeDeaths(plan, deaths), ...(await judge(trial, ENDS[plan.scenario])));
  const text = tell(plan, { trial, observer, deaths, problems, startedMs, closedMs, end: describe(end) });
  return { seed: plan.seed, problems, text };
}

/** Half of the planned deaths: fewer would be no test. */
const enough = ({ kills }: SeedPlan): number => Math.ceil(kills.length / 2);

const judgeDeaths = (plan: SeedPlan, deaths: readonly Death[]): string[] =>
  deaths.length >= enough(plan) ? [] : [`only ${deaths.length} of ${plan.kills.length} deaths came while it ran`];

const ENDS: Readonly<Record<Scenario, Phase>> = {
  completes: 'completed',
  breach: 'rolled-back',
  'roll-back': 'rolled-back',
  cancel: 'cancelled',
  pause: 'completed',
};

interface Scene {
  readonly plan: SeedPlan;
  readonly trial: Trial;
  readonly killing: Killing;
}

/** What people do while processes die; the result is what they saw go wrong meanwhile. */
const SCRIPTS: Readonly<Record<Scenario, (scene: Scene) => Promise<string[]>>> = {
  completes: async (scene) => {
    const { trial } = scene;
    await trial.untilPhase('awaiting-approval', STEP_DEADLINE_MS);
    await trial.approve();
    await trial.untilMidWave(2, STEP_DEADLINE_MS);
    await freezeUntilEnoughDied(scene);
    return [];
  },
  breach: async (scene) => {
    await scene.trial.untilFirstInstall(STEP_DEADLINE_MS);
    await freezeUntilEnoughDied(scene);
    return [];
  },
  'roll-back': async (scene) => {
    await untilWorthEnding(scene);
    await scene.trial.command('rollBackRun');
    return [];
  },
  cancel: async (scene) => {
    await untilWorthEnding(scene);
    await scene.trial.command('cancelRun');
    return [];
  },
  pause: async ({ trial, killing }) => {
    await trial.untilMidWave(2, STEP_DEADLINE_MS);
    await trial.command('pauseRun');
    await trial.untilHeld(STEP_DEADLINE_MS);
    const heldMs = Date.now();
    // Whoever starts again finds a run that stands still, and has to leave it so.
    await killing.untilNextDeathIsMended(STEP_DEADLINE_MS);
    // It may be PostgreSQL's turn to die.
    const problems = await eventually(() => judgePause(trial, heldMs), STEP_DEADLINE_MS);
    await trial.command('resumeRun');
    return problems;
  },
};

/** A command that ends the run comes in the middle of a wave, and not before enough has died. */
async function untilWorthEnding({ plan, trial, killing }: Scene): Promise<void> {
  await killing.untilDeaths(enough(plan), STEP_DEADLINE_MS);
  await trial.untilMidWave(2, STEP_DEADLINE_MS);
}

/** A run that ends by itself would do so before a stack that just died is back. */
async function freezeUntilEnoughDied({ plan, trial, killing }: Scene): Promise<void> {
  trial.devices.freeze();
  try {
    await killing.untilDeaths(enough(plan), STEP_DEADLINE_MS);
  } finally {
    trial.devices.thaw();
  }
}

interface Story {
  readonly trial: Trial;
  readonly observer: Observer;
  readonly deaths: readonly Death[];
  readonly problems: readonly string[];
  readonly startedMs: number;
  readonly closedMs: number;
  readonly end: string;
}

function tell(plan: SeedPlan, story: Story): string {
  const { trial, deaths, problems, startedMs, closedMs, end } = story;
  const mark = problems.length === 0 ? '✓' : '✗';
  const took = seconds(closedMs - startedMs);
  return [
    `${mark} seed ${plan.seed}: ${plan.trial.devices} devices, ${SCENARIO_TITLES[plan.scenario]}`,
    ...deaths.map((death) => tellDeath(death, story)),
    ...collateral(trial, story),
    `    after ${took}: ${end}`,
    ...problems.map((problem) => `    ✗ ${problem}`),
  ].join('\n');
}

function tellDeath({ victim, atMs, where }: Death, { observer, startedMs }: Story): string {
  const standstill = observer.wentOnAfterMs(victim, atMs);
  const wentOn = standstill === null ? 'nothing more was to do' : `went on after ${seconds(standstill)}`;
  return `    +${seconds(atMs - startedMs).padStart(6)}  ${victim.padEnd(10)} died, ${where}; ${wentOn}`;
}

/** Parts that ended although nobody killed them. */
function collateral({ world }: Trial, { startedMs }: Story): string[] {
  return stackEvents(world.dataDirectory, startedMs)
    .filter(({ kind, why }) => kind === 'ended' && why !== 'SIGKILL')
    .map(({ part, why, atMs }) => `    +${seconds(atMs - startedMs).padStart(6)}  ${part} ended by itself (${why})`);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
