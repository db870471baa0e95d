import { describe, expect, it } from 'vitest';
import { approve, bake, CANARY, DAY_MS, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, refused, runsOfThisFile, story } from '../support/runs/with-run.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { runSignals, runTimeline } from '../../workflows/runtime/run.messages.ts';

const startRun = runsOfThisFile();

describe('pause', () => {
  it('stops a wave under way and takes it up again where it was', async () => {
    const run = await startRun({ script: { offers: { 1: ['held', 'passed'] } } });
    await run.fleet.called('offerWave');
    expect((await run.command('pauseRun')).pausing).toBe(true);
    await run.journaled('phase-changed', /paused/);
    expect((await run.view()).state.phase).toBe('paused');
    await expect(run.command('pauseRun')).rejects.toMatchObject(refused('RUN_ALREADY_PAUSED'));
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
    expect(offeredWaves(run)).toEqual([1, 1, 2, 3]);
  });

  it('does not use up the time of a held wave', async () => {
    const run = await startRun({ script: { offers: { 1: ['held', 'passed'] } } });
    await run.fleet.called('offerWave');
    await run.command('pauseRun');
    await run.journaled('phase-changed', /paused/);
    await run.sleep(3 * DAY_MS);
    await run.command('resumeRun');
    await run.result();
    const [first, second] = run.fleet.calls
      .filter(({ name }) => name === 'offerWave')
      .map(({ input }) => Date.parse((input as { deadlineAt: string }).deadlineAt));
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(3 * DAY_MS - HOUR_MS);
  });

  it('in a bake holds the next wave, for as long as it lasts', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, HOUR_MS), offer(2)] } });
    await run.journaled('step-started', /bake/);
    expect((await run.command('pauseRun')).state.phase).toBe('paused');
    await run.sleep(DAY_MS);
    expect(offeredWaves(run)).toEqual([1]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('in a bake holds what earlier waves still have queued, until the resume', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, HOUR_MS), offer(2)] } });
    await run.journaled('step-started', /bake/);
    await run.command('pauseRun');
    await run.fleet.called('holdOffers');
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('reopenOffers');
    await run.command('resumeRun');
    await run.fleet.called('reopenOffers');
    expect((await run.result()).phase).toBe('completed');
  });

  it('touches no device before the first offer', async () => {
    const run = await startRun({ plan: { steps: [approve(), ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.command('pauseRun');
    await run.command('cancelRun');
    await run.result();
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('holdOffers');
  });

  it('in an approval still lets people decide, but offers nothing before the resume', async () => {
    const run = await startRun({ plan: { steps: [approve(), ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    await run.command('pauseRun');
    await run.approve('ada');
    await run.sleep(DAY_MS);
    expect((await run.view()).state.phase).toBe('paused');
    expect(offeredWaves(run)).toEqual([]);
    await run.command('resumeRun');
    expect((await run.result()).phase).toBe('completed');
  });

  it('is refused at resume when nothing is paused', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS)] } });
    await expect(run.command('resumeRun')).rejects.toMatchObject(refused('RUN_NOT_PAUSED'));
  });
});

describe('roll back', () => {
  it('stops a wave under way and takes the fleet back', async () => {
    const run = await startRun({ plan: { steps: [offer(1), offer(2)] }, script: { offers: { 2: 'held' } } });
    await run.fleet.called('offerWave', 2);
    await run.command('rollBackRun', { reason: 'customers complain' });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'ada: customers complain' });
    expect(offeredWaves(run)).toEqual([1, 2]);
  });

  it('works while paused, in a bake, and while an approval waits', async () => {
    const paused = await startRun({ plan: { steps: [offer(1), bake(1, DAY_MS), offer(2)] } });
    await paused.journaled('step-started', /bake/);
    await paused.command('pauseRun');
    await paused.command('rollBackRun');
    expect((await paused.result()).phase).toBe('rolled-back');
    const waiting = await startRun({ plan: { steps: [approve(), ...CANARY] } });
    await waiting.journaled('phase-changed', /waits/);
    await waiting.command('rollBackRun');
    expect((await waiting.result()).phase).toBe('rolled-back');
    expect(offeredWaves(waiting)).toEqual([]);
  });

  it('names what could not be brought back', async () => {
    const run = await startRun({ script: { offers: { 1: 'breach' }, rollback: { kind: 'incomplete', left: 3 } } });
    expect(await run.result()).toMatchObject({ phase: 'rollback-incomplete', left: 3 });
  });
});

describe('two stops at once', () => {
  it('lets the first win and names it to the second', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, DAY_MS)] } });
    await run.journaled('step-started', /bake/);
    const both = await Promise.allSettled([run.command('cancelRun'), run.command('rollBackRun')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(['cancelled', 'rolled-back']).toContain((await run.result()).phase);
  });
});

describe('cancel', () => {
  it('withdraws what is not installed and leaves the rest', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, DAY_MS), offer(2)] } });
    await run.journaled('step-started', /bake/);
    await run.command('cancelRun');
    expect((await run.result()).phase).toBe('cancelled');
    const names = run.fleet.calls.map(({ name }) => name);
    expect(names).toContain('withdrawOffers');
    expect(names).not.toContain('rollBackFleet');
  });

  it('from Temporal itself is the same', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, DAY_MS), offer(2)] } });
    await run.journaled('step-started', /bake/);
    await run.handle.cancel();
    expect(await run.result()).toMatchObject({
      phase: 'cancelled',
      reason: expect.stringContaining('temporal') as string,
    });
    expect(run.fleet.journal(run.runId).at(-1)?.type).toBe('run-ended');
  });
});

describe('the journal', () => {
  it('says of who started a run and of every command whether that person is known', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS), offer(1)] } });
    await run.command('pauseRun');
    await run.command('cancelRun', { verified: true, reason: 'wrong fleet' });
    await run.result();
    const entries = run.fleet.journal(run.runId);
    const said = entries.filter(({ type }) => type === 'run-started' || type === 'command-accepted');
    expect(said.map(({ data }) => [data['by'], data['verified']])).toEqual([
      ['lin', false],
      ['ada', false],
      ['ada', true],
    ]);
    expect(story(run)).toContainEqual('pause by ada (unverified): because');
    expect(story(run)).toContainEqual('cancel by ada: wrong fleet');
  });
});

describe('a signal', () => {
  const bot = { by: 'bot', via: 'http', verified: false, reason: 'r' } as const;
  const refusals = async (run: RunWorld): Promise<JournalEntry[]> =>
    (await run.handle.query(runTimeline)).filter(({ type }) => type === 'command-refused');

  it('does what its update does, and a refused one is journaled', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS), offer(1)] } });
    await run.handle.signal(runSignals.resumeRun, { ...bot, commandId: 's-1' });
    await run.handle.signal(runSignals.cancelRun, { ...bot, commandId: 's-2' });
    expect((await run.result()).phase).toBe('cancelled');
    expect(story(run)).toContainEqual(expect.stringMatching(/resumeRun by bot refused: .* not paused/));
    expect(story(run)).toContainEqual(expect.stringContaining('cancel by bot'));
  });

  it('that a program repeats in a loop fills neither the journal nor, with batches, the history', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS), offer(1)] } });
    const before = (await run.handle.describe()).historyLength;
    const LOOP = 40;
    for (let at = 0; at < LOOP; at += 1) {
      await run.handle.signal(runSignals.resumeRun, { ...bot, commandId: `s-${at}` });
    }
    expect((await refusals(run)).map(({ data }) => data['times'])).toEqual([1, 10]);
    const batches = run.fleet.calls.filter(({ name }) => name === 'appendJournal').length;
    // The batches of the start, and no more: a refusal travels with the next entry.
    expect(batches).toBeLessThanOrEqual(3);
    // A signal and its task: four events that nobody can spare a run.
    expect((await run.handle.describe()).historyLength - before).toBeLessThanOrEqual(4 * LOOP + 12);
    await run.command('cancelRun');
    await run.result();
    expect(story(run)).toContainEqual(expect.stringContaining('(10 times by now)'));
  });

  it('and an update of the same command count once', async () => {
    const run = await startRun({ plan: { steps: [bake(1, DAY_MS), offer(1)] } });
    await run.command('pauseRun', { commandId: 'same' });
    await run.command('resumeRun');
    await run.handle.signal(runSignals.pauseRun, { ...bot, commandId: 'same' });
    expect((await run.view()).state.phase).toBe('running');
    expect(await refusals(run)).toEqual([]);
  });
});
