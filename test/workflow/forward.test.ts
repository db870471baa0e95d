import { describe, expect, it } from 'vitest';
import { approve, CANARY, DAY_MS, gate, bake, offer } from '../support/runs/plan-builder.ts';
import { offeredWaves, runsOfThisFile, story } from '../support/runs/with-run.ts';

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

describe('gates', () => {
  it('fails the run before any effect when a required gate fails', async () => {
    const run = await startRun({
      plan: { steps: [gate(), ...CANARY] },
      script: { gates: { firmware_validation: 'failed' } },
    });
    expect((await run.result()).phase).toBe('failed');
    expect(offeredWaves(run)).toEqual([]);
  });

  it('fails a required gate that has nothing to run, and passes one that is not required', async () => {
    const none = gate({ gate: 'security_scan', check: { run: 'none' } });
    const script = { gates: { security_scan: 'not_evaluated' } } as const;
    const required = await startRun({ plan: { steps: [none, ...CANARY] }, script });
    expect((await required.result()).phase).toBe('failed');
    const optional = await startRun({ plan: { steps: [{ ...none, required: false }, ...CANARY] }, script });
    expect((await optional.result()).phase).toBe('completed');
    expect(story(optional)).toContainEqual(expect.stringContaining('security_scan not evaluated'));
  });

  it('passes a failed gate that somebody overrode before, with the reason in the journal', async () => {
    const late = gate({ gate: 'performance_test' });
    const run = await startRun({
      plan: { steps: [bake(1, DAY_MS), late, ...CANARY] },
      script: { gates: { performance_test: 'failed' } },
    });
    await run.command('overrideGate', { gate: late.id, reason: 'the test bench is down' });
    expect((await run.result()).phase).toBe('completed');
    expect(story(run)).toContainEqual(expect.stringContaining('overridden by ada: the test bench is down'));
  });

  it('takes the fleet back when a gate after the rollout fails', async () => {
    const after = gate({ gate: 'health_check', phase: 'post' });
    const run = await startRun({ plan: { steps: [...CANARY, after] }, script: { gates: { health_check: 'failed' } } });
    expect((await run.result()).phase).toBe('rolled-back');
  });
});
