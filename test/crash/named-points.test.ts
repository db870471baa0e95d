// Every moment at which the worker or the gateway can die and leave something half done, on one stack.
import { describe, expect, it } from 'vitest';
import { changedRows, holdGatewayCommit } from '../support/crash/gateway-commit.ts';
import { readMiscounts } from '../support/crash/run-rows.ts';
import { DEADLINE_MS, openScene, problemsOf } from '../support/crash/scene.ts';
import type { Trial } from '../support/crash/trial.ts';
import { VERSIONS } from '../support/crash/world.ts';

const scene = openScene();

/** A run of one wave that the rate limit releases slowly, so that it has a middle. */
const SLOW = { waves: [100], maximumPerMinute: 120 };

/** Arms every point; whoever reaches one dies there. The function resolves when all were reached. */
function dieAt(...points: readonly string[]): () => Promise<void> {
  const armed = points.map((point) => scene.world.points.arm(point));
  return async () => {
    for (const point of armed) await point.fired(DEADLINE_MS);
  };
}

const untilSomeSucceeded = (run: Trial) =>
  run.until(
    'some have succeeded, some were not offered',
    ({ succeeded, offered, targets }) => succeeded > 0 && offered < targets,
    DEADLINE_MS,
  );

describe('the worker', () => {
  it('offers to nobody twice when it dies at each step of a wave', async () => {
    const run = await scene.open();
    const uncommitted = scene.world.points.arm('offers-uncommitted');
    const allDied = dieAt('targets-written', 'wave-opened', 'offers-written');
    await run.execute();
    const { atMs } = await uncommitted.fired(DEADLINE_MS);
    const backMs = await scene.world.untilBack('worker', atMs);
    await allDied();
    console.log(
      `worker killed: back after ${backMs - atMs} ms, went on after ${(await firstReleaseMs(run)) - atMs} ms`,
    );
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('counts a decision once when it dies after having taken it, and at each further turn of the run', async () => {
    const run = await scene.open({ needsApproval: true, bake: '1s' });
    await run.execute();
    await run.untilPhase('awaiting-approval', DEADLINE_MS);
    const allDied = dieAt(
      'journal:gate-decided',
      'before:prepareRollout',
      'journal:step-ended:offer-1',
      'before:lookOnce',
      'journal:run-ended',
      'journaled:run-ended',
    );
    await run.approve();
    await allDied();
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('brings every device back when it dies at each step of a rollback', async () => {
    const run = await scene.open(SLOW);
    await run.execute();
    await untilSomeSucceeded(run);
    const allDied = dieAt('offers-stopped', 'offers-withdrawn', 'way-backs-uncommitted', 'way-backs-written');
    await run.command('rollBackRun');
    await allDied();
    expect(await problemsOf(run, 'rolled-back')).toEqual([]);
  });

  it('takes bad firmware back when it dies with the verdict in its hands', async () => {
    const run = await scene.open({ version: VERSIONS.bad, devices: 20 });
    const died = dieAt('journal:breach');
    await run.execute();
    await died();
    expect(await problemsOf(run, 'rolled-back')).toEqual([]);
  });

  it('stays paused when it dies while it pauses', async () => {
    const run = await scene.open(SLOW);
    await run.execute();
    await untilSomeSucceeded(run);
    const died = dieAt('offers-held');
    await run.command('pauseRun');
    await died();
    await run.untilHeld(DEADLINE_MS);
    await run.command('resumeRun');
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });
});

describe('the gateway', () => {
  it('announces what was offered when it dies before, and again when its follower dies as it takes over', async () => {
    const run = await scene.open();
    const allDied = dieAt('offers-unannounced', 'shard-claimed');
    await run.execute();
    await allDied();
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('answers from the row when it dies with answers committed and unsent', async () => {
    const run = await scene.open();
    await run.execute();
    for (const hits of [3, 5]) await scene.world.points.arm('answers-unsent', { hits }).fired(DEADLINE_MS);
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('has decided nothing when it dies before its commit', async () => {
    const run = await scene.open(SLOW);
    await run.execute();
    await untilSomeSucceeded(run);
    const commit = await holdGatewayCommit(run);
    await scene.world.kill('gateway');
    expect(changedRows(commit.before, await commit.undo())).toEqual([]);
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });

  it('has decided all when it dies in the middle of its commit', async () => {
    const run = await scene.open(SLOW);
    await run.execute();
    await untilSomeSucceeded(run);
    await scene.world.withoutRestarts(async () => {
      const commit = await holdGatewayCommit(run);
      await scene.world.kill('gateway');
      expect(changedRows(commit.before, await commit.letGo())).not.toEqual([]);
      // Rows and counters are one commit: half of it would show here.
      expect(await readMiscounts(scene.world.pool, run.run)).toEqual([]);
    });
    expect(await problemsOf(run, 'completed')).toEqual([]);
  });
});

async function firstReleaseMs(run: Trial): Promise<number> {
  await run.until('the first offer', ({ offered }) => offered > 0, DEADLINE_MS);
  const { rows } = await scene.world.pool.query<{ ms: number }>(
    `select (extract(epoch from min(released_at)) * 1000)::float8 as ms from rollout_targets where run_id = $1`,
    [run.run],
  );
  return Math.round(rows[0]?.ms ?? 0);
}
