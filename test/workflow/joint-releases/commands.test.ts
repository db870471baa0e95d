// People and releases of several applications: approval, window, pause, cancel and roll back at any moment.
import { describe, expect, it } from 'vitest';
import { aJointPlan } from '../../support/runs/joint-plan-builder.ts';
import { HOUR_MS } from '../../support/runs/plan-builder.ts';
import { ended, runsOfThisFile } from '../../support/runs/with-run.ts';
import { MINUTE_MS, NEVER, nightly } from '../../support/windows/coming-windows.ts';

const startRun = runsOfThisFile();
const approval = { quorum: 1, role: 'approver', expiresInMs: HOUR_MS };
const TWO = { waves: [['api'], ['web']] };

describe('an approval of a release', () => {
  it('comes before its first member, and covers every one', async () => {
    const run = await startRun({ joint: aJointPlan({ ...TWO, approval }) });
    await run.journaled('phase-changed', /approval of release v1\.2\.3: waits/);
    expect(run.members.story).toEqual([]);
    await run.approve('ada', { reason: 'go' });
    expect((await ended(run)).phase).toBe('completed');
    const given = run.members.starts.map(({ digest, decisions }) =>
      decisions.map((one) => [one.by, one.digest === digest]),
    );
    expect(given).toEqual([[['ada', true]], [['ada', true]]]);
    expect(run.members.starts[0]?.decisions[0]?.comment).toMatch(/^with release v1\.2\.3, at .*: go$/);
  });

  it('is not given by its author', async () => {
    const run = await startRun({ joint: aJointPlan({ ...TWO, approval }) });
    await run.journaled('phase-changed', /waits/);
    await expect(run.approve('lin')).rejects.toMatchObject({ cause: { type: 'APPROVAL_BY_AUTHOR' } });
    await run.command('cancelRun');
    expect((await ended(run)).phase).toBe('cancelled');
  });

  it('that is rejected ends the release with nothing begun', async () => {
    const run = await startRun({ joint: aJointPlan({ ...TWO, approval }) });
    await run.journaled('phase-changed', /waits/);
    await run.approve('ada', { decision: 'reject' });
    expect((await ended(run)).phase).toBe('cancelled');
    expect(run.members.story).toEqual([]);
  });
});

describe('a window', () => {
  it('holds the start of a release', async () => {
    const run = await startRun({ joint: aJointPlan(TWO), input: { windows: [nightly(30 * HOUR_MS, 60)] } });
    await run.journaled('window-closed');
    expect(run.members.story).toEqual([]);
    expect((await run.result()).phase).toBe('completed');
  });

  it('that closes meanwhile leaves no release half out', async () => {
    const run = await startRun({
      joint: aJointPlan(TWO),
      members: { does: { api: 'held' } },
      input: { windows: [nightly(HOUR_MS, 5)] },
    });
    await run.journaled('window-closed');
    // Past its close, and no longer: the open member is looked at every second of it.
    await run.sleep(HOUR_MS + 10 * MINUTE_MS);
    expect(run.members.story).toEqual(['start api']);
    run.members.endAll('completes');
    expect((await run.result()).phase).toBe('completed');
    const parkings = run.fleet.journal(run.runId).filter(({ type }) => type === 'window-closed');
    expect(parkings).toHaveLength(1);
  });
});

describe.each(['rollBackRun', 'cancelRun'] as const)('%s', (name) => {
  const phase = name === 'rollBackRun' ? 'rolled-back' : 'cancelled';

  it('while the second member runs stops it and takes the first back', async () => {
    const run = await startRun({ joint: aJointPlan(TWO), members: { does: { web: 'held' } } });
    await run.journaled('member-started', /web/);
    await run.command(name);
    expect((await ended(run)).phase).toBe(phase);
    expect(run.members.story).toEqual(['start api', 'start web', 'stop web', 'return api']);
  });

  it('while it waits for an approval begins nothing', async () => {
    const run = await startRun({ joint: aJointPlan({ ...TWO, approval }) });
    await run.journaled('phase-changed', /waits/);
    await run.command(name);
    expect((await ended(run)).phase).toBe(phase);
    expect(run.members.story).toEqual([]);
  });

  it('while it waits for its window begins nothing', async () => {
    const run = await startRun({ joint: aJointPlan(TWO), input: { windows: [NEVER] } });
    await run.journaled('window-closed');
    await run.command(name);
    expect((await ended(run)).phase).toBe(phase);
    expect(run.members.story).toEqual([]);
  });
});

describe('a release under way', () => {
  it('begins no further wave while it is paused', async () => {
    const run = await startRun({ joint: aJointPlan(TWO), members: { does: { api: 'held' } } });
    await run.journaled('member-started', /api/);
    expect((await run.command('pauseRun')).pausing).toBe(true);
    run.members.endAll('completes');
    await run.sleep(5_000);
    expect((await run.view()).state.phase).toBe('paused');
    expect(run.members.story).toEqual(['start api']);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('is taken back by a cancel of Temporal, too', async () => {
    const run = await startRun({ joint: aJointPlan(TWO), members: { does: { web: 'held' } } });
    await run.journaled('member-started', /web/);
    await run.handle.cancel();
    expect((await ended(run)).phase).toBe('cancelled');
    expect(run.members.story.slice(-2)).toEqual(['stop web', 'return api']);
  });

  it('replays its whole history at every task', async () => {
    const run = await startRun({
      joint: aJointPlan(),
      members: { does: { gateway: 'fails' } },
      maxCachedWorkflows: 0,
    });
    expect((await ended(run)).phase).toBe('rolled-back');
  });

  it('refuses a plan that it does not understand', async () => {
    const joint = { ...aJointPlan(), members: undefined } as never;
    const run = await startRun({ joint });
    expect(await ended(run)).toMatchObject({ phase: 'failed' });
  });
});
