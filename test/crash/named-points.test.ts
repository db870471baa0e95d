// Every moment at which a process can die and leave something half done, one by one, on one stack.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Phase } from '#domain/run/run-state.ts';
import { holdGatewayCommit } from '../support/crash/gateway-commit.ts';
import { armKillPoint, disarmKillPoint, firedKillPoint, type FiredPoint } from '../support/crash/kill-point.ts';
import { STANDARD_TRIAL, Trial, type TrialOptions } from '../support/crash/trial.ts';
import { judge } from '../support/crash/verdict.ts';
import { CrashWorld, VERSIONS } from '../support/crash/world.ts';
import { eventually } from '../support/eventually.ts';

const DEADLINE_MS = 120_000;

let world: CrashWorld;
beforeAll(async () => void (world = await CrashWorld.open()));
afterAll(() => world.close());

let trial: Trial | undefined;
let trials = 0;
afterEach(async () => {
  disarmKillPoint(world.dataDirectory);
  await trial?.close();
  trial = undefined;
  await world.untilWell();
});

async function openTrial(over: Partial<TrialOptions> = {}): Promise<Trial> {
  trials += 1;
  trial = await Trial.open(world, { ...STANDARD_TRIAL, ...over, name: `point-${trials}` });
  return trial;
}

const arm = (point: string, hits = 1): void => armKillPoint(world.dataDirectory, { point, hits });

function fired(): Promise<FiredPoint> {
  return eventually(() => {
    const death = firedKillPoint(world.dataDirectory);
    if (!death) throw new Error('nobody died at the point yet');
    return death;
  }, DEADLINE_MS);
}

/** Lets the same kind of process die at one point after the other; the first has to be armed already. */
async function dieAlso(points: readonly string[]): Promise<void> {
  for (const point of points) {
    await fired();
    arm(point);
  }
  await fired();
}

async function expectEnd(run: Trial, phase: Phase): Promise<void> {
  await run.untilClosed(DEADLINE_MS);
  expect(await judge(run, phase)).toEqual([]);
}

describe('the worker', () => {
  it('offers to nobody twice when it dies with offers uncommitted', async () => {
    const run = await openTrial();
    arm('offers-uncommitted');
    await run.execute();
    const { atMs } = await fired();
    const next = await run.until('the first offer', ({ offered }) => offered > 0, DEADLINE_MS);
    const [backMs, wentOnMs] = [await world.untilBack('worker', atMs), await firstReleaseMs(run)];
    console.log(`worker killed: back after ${backMs - atMs} ms, went on after ${wentOnMs - atMs} ms`);
    expect(next.offered).toBeGreaterThan(0);
    await expectEnd(run, 'completed');
  });

  it('goes on where it was when it dies at each step of a wave', async () => {
    const run = await openTrial();
    arm('targets-written');
    await run.execute();
    await dieAlso(['wave-opened', 'offers-written']);
    await expectEnd(run, 'completed');
  });

  it('goes on with the next wave when it dies between two', async () => {
    const run = await openTrial({ bake: '1s' });
    arm('journal:step-ended:offer-1');
    await run.execute();
    await fired();
    await expectEnd(run, 'completed');
  });

  it('counts a decision once when it dies after having taken it', async () => {
    const run = await openTrial({ needsApproval: true });
    await run.execute();
    await run.untilPhase('awaiting-approval', DEADLINE_MS);
    arm('journal:gate-decided');
    const answer = await run.approve();
    expect(answer.view.interrupt).toBeNull();
    arm('journaled:phase-changed');
    await fired();
    await expectEnd(run, 'completed');
  });

  it('brings every device back when it dies at each step of a rollback', async () => {
    const run = await openTrial();
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    arm('offers-stopped');
    await run.command('rollBackRun');
    await dieAlso(['offers-withdrawn', 'way-backs-uncommitted', 'way-backs-written']);
    await expectEnd(run, 'rolled-back');
  });

  it('takes bad firmware back when it dies with the verdict in its hands', async () => {
    const run = await openTrial({ version: VERSIONS.bad });
    arm('journal:breach');
    await run.execute();
    await fired();
    await expectEnd(run, 'rolled-back');
  });

  it('stays paused when it dies while it pauses', async () => {
    const run = await openTrial({ maximumPerMinute: 120 });
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    arm('offers-held');
    await run.command('pauseRun');
    await fired();
    await run.untilPhase('paused', DEADLINE_MS);
    await run.command('resumeRun');
    await expectEnd(run, 'completed');
  });

  it('keeps the last entry of a run when it dies before it is written', async () => {
    const run = await openTrial();
    arm('journal:run-ended');
    await run.execute();
    await fired();
    arm('journaled:run-ended');
    await fired();
    await expectEnd(run, 'completed');
  });
});

describe('the gateway', () => {
  it('answers from the row when it dies with answers committed and unsent', async () => {
    const run = await openTrial();
    await run.execute();
    arm('answers-unsent', 3);
    await fired();
    arm('answers-unsent', 5);
    await fired();
    await expectEnd(run, 'completed');
  });

  it('announces what was offered when it dies before', async () => {
    const run = await openTrial();
    arm('offers-unannounced');
    await run.execute();
    await fired();
    await expectEnd(run, 'completed');
  });

  it('is followed by one that may claim the devices when it dies right after its claim', async () => {
    const run = await openTrial();
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    arm('shard-claimed');
    world.killPart('gateway');
    await fired();
    await expectEnd(run, 'completed');
  });

  it('has decided nothing when it dies before its commit', async () => {
    const run = await openTrial();
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    const commit = await holdGatewayCommit(run);
    world.killPart('gateway');
    await commit.undo();
    await expectEnd(run, 'completed');
  });

  it('has decided all when it dies in the middle of its commit', async () => {
    const run = await openTrial();
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    const commit = await holdGatewayCommit(run);
    world.killPart('gateway');
    await commit.letGo();
    await expectEnd(run, 'completed');
  });
});

describe('in the middle of a wave', () => {
  it.each(['mosquitto', 'postgres', 'temporal', 'worker', 'gateway', 'http'] as const)(
    'the run goes on when %s is killed',
    async (part) => {
      const run = await openTrial({ devices: 30 });
      await run.execute();
      await run.untilMidWave(2, DEADLINE_MS);
      world.killPart(part);
      await expectEnd(run, 'completed');
    },
  );

  it('the run goes on when sluice up is killed and started again', async () => {
    const run = await openTrial({ devices: 30 });
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    await world.killUp();
    await world.startUp();
    await expectEnd(run, 'completed');
  });

  it('the run goes on when everything is killed at once', async () => {
    const run = await openTrial({ devices: 30 });
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    await world.killEverything();
    await world.startUp();
    await expectEnd(run, 'completed');
  });

  it('the fleet comes back when everything is killed in a rollback', async () => {
    const run = await openTrial({ devices: 30 });
    await run.execute();
    await run.untilMidWave(2, DEADLINE_MS);
    await run.command('rollBackRun');
    await run.until('the first way back', ({ waysBack }) => waysBack > 0, DEADLINE_MS);
    await world.killEverything();
    await world.startUp();
    await expectEnd(run, 'rolled-back');
  });
});

async function firstReleaseMs({ run }: Trial): Promise<number> {
  const { rows } = await world.pool.query<{ ms: number }>(
    `select (extract(epoch from min(released_at)) * 1000)::float8 as ms from rollout_targets where run_id = $1`,
    [run],
  );
  return Math.round(rows[0]?.ms ?? 0);
}
