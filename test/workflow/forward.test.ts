import { describe, expect, it } from 'vitest';
import { approve, CANARY, DAY_MS, bake, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile } from '../support/runs/with-run.ts';

const startRun = runsOfThisFile();

describe('a plan walked forward', () => {
  it('takes every step in order and completes', async () => {
    const run = await startRun();
    expect(await run.result()).toEqual({ phase: 'completed', reason: '', left: 0 });
    expect(offeredWaves(run)).toEqual([1, 2, 3]);
  });

  it('leaves a journal without gaps whose last entry is the end', async () => {
    const run = await startRun({ script: { journalFailures: 3 } });
    await run.result();
    const entries = run.fleet.journal(run.runId);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.at(-1)).toMatchObject({ type: 'run-ended', data: { phase: 'completed' } });
    expect(run.fleet.view(run.runId)?.state.phase).toBe('completed');
  });

  it('replays the same at every task', async () => {
    const run = await startRun({ maxCachedWorkflows: 0 });
    expect((await run.result()).phase).toBe('completed');
  });

  it('bakes for days without an event per look', async () => {
    const run = await startRun({ plan: { steps: [offer(1), bake(1, 3 * DAY_MS)] } });
    expect((await run.result()).phase).toBe('completed');
    expect((await run.handle.describe()).historyLength).toBeLessThan(100);
  });

  it('snapshots the targets after the approval, because that may have taken months', async () => {
    const run = await startRun({ plan: { steps: [approve(), ...CANARY] } });
    await run.journaled('phase-changed', /waits/);
    expect(run.fleet.calls.map(({ name }) => name)).not.toContain('prepareRollout');
    await run.approve('ada');
    await run.result();
    const names = run.fleet.calls.map(({ name }) => name);
    expect(names.filter((name) => name === 'prepareRollout' || name === 'offerWave')).toEqual([
      'prepareRollout',
      'offerWave',
      'offerWave',
      'offerWave',
    ]);
  });
});
