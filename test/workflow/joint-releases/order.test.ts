// Releases of several applications in skipped time: what goes out in which order, and what comes back in which.
import { describe, expect, it } from 'vitest';
import { aJointPlan, type JointPlanParts } from '../../support/runs/joint-plan-builder.ts';
import type { RunWorld, WorldOptions } from '../../support/runs/run-world.ts';
import { ended, runsOfThisFile, story } from '../../support/runs/with-run.ts';

const startRun = runsOfThisFile();
const start = (members: WorldOptions['members'] = {}, parts: JointPlanParts = {}) =>
  startRun({ joint: aJointPlan(parts), members });

/** What was begun; the two of the second wave come in either order. */
const byWave = ({
  members: {
    story: [first = '', ...rest],
  },
}: RunWorld): string[] => [first, ...rest.slice(0, 2).sort(), ...rest.slice(2)];

describe('a release whose members all complete', () => {
  it('brings them out wave by wave and completes', async () => {
    const run = await start();
    expect(await ended(run)).toEqual({ phase: 'completed', reason: '', left: 0 });
    expect(byWave(run)).toEqual(['start api', 'start web', 'start worker', 'start gateway']);
    expect([...run.members.inUse.values()]).toEqual(['new', 'new', 'new', 'new']);
    expect(run.fleet.view(run.runId)?.members?.map(({ state }) => state)).toEqual(Array(4).fill('completed'));
  });

  it('begins a wave only when the one before is in use', async () => {
    const run = await start({ does: { web: 'held' } });
    await run.journaled('member-ended', /worker 2\.0\.0: in use/);
    expect(byWave(run)).toEqual(['start api', 'start web', 'start worker']);
    run.members.endAll('completes');
    expect((await run.result()).phase).toBe('completed');
    expect(run.members.story.at(-1)).toBe('start gateway');
  });

  it('gives each member a run id of its own that the journal names', async () => {
    const run = await start();
    await ended(run);
    const ids = run.members.starts.map((one) => one.run);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^exe_[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(story(run).join('\n')).toContain(ids[0]);
  });
});

describe('a release with a member that goes bad', () => {
  it('takes back what was completed in reverse order', async () => {
    const run = await start({ does: { gateway: 'fails' } });
    const { phase, reason } = await ended(run);
    expect([phase, reason]).toEqual(['rolled-back', 'gateway 2.0.0 rolled-back: its health check fails']);
    const back = run.members.story.filter((line) => line.startsWith('return'));
    expect(back.slice(0, 2).sort()).toEqual(['return web', 'return worker']);
    expect(back.slice(2)).toEqual(['return api']);
    expect(new Set(run.members.inUse.values())).toEqual(new Set(['before']));
  });

  it('does not begin what would have come after it', async () => {
    const run = await start({ does: { web: 'fails' } });
    expect((await ended(run)).phase).toBe('rolled-back');
    expect(run.members.story).not.toContain('start gateway');
  });

  it('stops its neighbours that are still under way', async () => {
    const run = await start({ does: { web: 'is-cancelled', worker: 'held' } });
    expect((await ended(run)).phase).toBe('rolled-back');
    expect(run.members.story).toContain('stop worker');
    expect(run.members.story.at(-1)).toBe('return api');
  });

  it('is taken back, too, when the member could not even be started', async () => {
    const run = await start({ does: { gateway: 'refused' } });
    const { phase, reason } = await ended(run);
    expect([phase, reason]).toEqual(['rolled-back', 'gateway 2.0.0 could not be started: its plan is stale']);
    expect(run.members.story.at(-1)).toBe('return api');
  });

  it('names what stands where if a member came only half-way back', async () => {
    const run = await start({ does: { gateway: 'fails-half-way' } });
    const { phase, reason, left } = await ended(run);
    expect([phase, left]).toEqual(['rollback-incomplete', 1]);
    expect(reason).toMatch(/gateway 2\.0\.0 may stand half-way: exe_\w+ is rollback-incomplete/);
    expect(run.members.inUse.get('api')).toBe('before');
  });
});

describe('the way back of a release', () => {
  it('goes on past what cannot be taken back, and names it', async () => {
    const run = await start({ does: { gateway: 'fails' }, back: { web: 'impossible', worker: 'fails' } });
    const { phase, reason, left } = await ended(run);
    expect([phase, left]).toEqual(['rollback-incomplete', 2]);
    expect(reason).toContain('web 2.0.0 stays: nothing was in use before it');
    expect(reason).toMatch(/worker 2\.0\.0 stays: exe_\w+ is failed: no engine answers/);
    expect(run.members.inUse.get('api')).toBe('before');
    const states = run.fleet.view(run.runId)?.members?.map(({ application, state }) => [application, state]);
    expect(states).toEqual([
      ['api', 'taken-back'],
      ['web', 'left'],
      ['worker', 'left'],
      ['gateway', 'taken-back'],
    ]);
  });

  it('leaves alone what somebody has replaced since', async () => {
    const run = await start({ does: { gateway: 'fails' }, back: { api: 'not-needed' } });
    expect((await ended(run)).phase).toBe('rolled-back');
    expect(story(run).join('\n')).toContain('3.0.0 is in use since, and is left alone');
  });
});

describe('a release that takes a completed one back', () => {
  const back = aJointPlan({ waves: [['web'], ['api']], plan: { isWayBack: true } });

  it('asks a person about what does not come back, and tries it again after a resume', async () => {
    const run = await startRun({ joint: back, members: { does: { web: 'fails' } } });
    await run.journaled('phase-changed', /paused: web 2\.0\.0 rolled-back/);
    expect(run.members.story).toEqual(['start web']);
    run.members.change({});
    await run.command('resumeRun');
    expect((await ended(run)).phase).toBe('completed');
    expect(run.members.story).toEqual(['start web', 'start web', 'start api']);
    expect(run.members.starts.map(({ priority }) => priority)).toEqual(Array(3).fill('rollback'));
  });
});
