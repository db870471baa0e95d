// Every strategy to its end: which effects, in which order, and what serves meanwhile.
import { describe, expect, it } from 'vitest';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import { CANARY_RELEASE, type ReleasePlanParts } from '../../support/runs/container-plan-builder.ts';
import { releasesOfThisFile } from '../../support/runs/with-release.ts';

const startRelease = releasesOfThisFile();
const BESIDE = ['prepareRelease', 'pullImage', 'stageInstances stage 1,2', 'verifyInstances verify 1,2 beside'];
const ROLLING: ContainerStrategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 };

describe('a release carried out', () => {
  it.each<[string, ReleasePlanParts, readonly string[]]>([
    ['for the first time', { strategy: { kind: 'first' } }, [...BESIDE, 'shiftTraffic 10000']],
    ['at once', { strategy: { kind: 'immediate' } }, [...BESIDE, 'shiftTraffic 10000', 'retireInstances 0']],
    ['blue-green', {}, [...BESIDE, 'shiftTraffic 10000', 'retireInstances 0']],
    [
      'as a canary',
      { strategy: CANARY_RELEASE },
      [...BESIDE, 'shiftTraffic 1000', 'shiftTraffic 5000', 'shiftTraffic 10000', 'retireInstances 0'],
    ],
    [
      'rolling',
      { strategy: ROLLING },
      [
        ...['prepareRelease', 'pullImage', 'stageInstances stage-1 1', 'verifyInstances verify-1 1 among'],
        ...['retireInstances 1', 'stageInstances stage-2 2', 'verifyInstances verify-2 2 among', 'retireInstances 0'],
      ],
    ],
    [
      'by recreating',
      { strategy: { kind: 'recreate' } },
      [
        ...['prepareRelease', 'pullImage', 'holdRequests', 'retireInstances 0', 'stageInstances stage 1,2'],
        ...['verifyInstances verify 1,2 beside', 'shiftTraffic 10000', 'releaseRequests'],
      ],
    ],
  ])('%s takes its steps in order, is recorded as stable and completes', async (_how, parts, expected) => {
    const run = await startRelease(parts);
    expect(await run.result()).toEqual({ phase: 'completed', reason: '', left: 0 });
    expect(run.release.story).toEqual([...expected, 'promoteRelease']);
    expect(run.release.ledger).toMatchObject({ started: [1, 2], joined: [1, 2], isHolding: false, stable: 'new' });
    const { traffic } = await run.view();
    const old: unknown = parts.strategy?.kind === 'first' ? null : expect.objectContaining({ instances: 0 });
    expect(traffic).toMatchObject({ release: 2, weightBasisPoints: 10_000, before: old, isHolding: false });
    expect(traffic?.instances).toEqual({ wanted: 2, started: 2, ready: 2 });
  });

  it('replays the same at every task, and its journal has no gap', async () => {
    const run = await startRelease({ strategy: CANARY_RELEASE, world: { maxCachedWorkflows: 0 } });
    expect((await run.result()).phase).toBe('completed');
    const entries = run.fleet.journal(run.runId);
    expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
    expect(entries.map(({ summary }) => summary)).toContain(
      'release 2; 1.0.0 (release 1) serves; clients reach it at 127.0.0.1:8100',
    );
    expect(entries.at(-1)).toMatchObject({ type: 'run-ended', data: { phase: 'completed' } });
  });

  it('stores its journal on the way of its effects, and goes on when that fails at first', async () => {
    const run = await startRelease({ script: { journalFailures: 3 } });
    expect((await run.result()).phase).toBe('completed');
    const { events = [] } = await run.handle.fetchHistory();
    const scheduled = (events ?? []).filter(
      ({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name === 'appendJournal',
    );
    // The start, the bake and the end; everything between them travels.
    expect(scheduled).toHaveLength(3);
    const seqs = run.fleet.journal(run.runId).map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });

  it('prepares its release after the approval, because that may have taken months', async () => {
    const run = await startRelease({ steps: { approval: { quorum: 1, role: 'approver', expiresInMs: null } } });
    await run.journaled('phase-changed', /waits/);
    expect(run.release.calls).toEqual([]);
    await run.approve('ada');
    expect((await run.result()).phase).toBe('completed');
    expect(run.release.story[0]).toBe('prepareRelease');
  });

  it('looks at what serves before traffic moves or an old instance goes', async () => {
    const run = await startRelease({ strategy: CANARY_RELEASE });
    await run.result();
    // Three weights, the old instances and the verdict.
    expect(run.fleet.calls.filter(({ name }) => name === 'lookOnce')).toHaveLength(5);
  });
});
