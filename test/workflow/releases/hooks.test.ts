import { describe, expect, it } from 'vitest';
import { hook } from '../../support/runs/container-plan-builder.ts';
import { releasesOfThisFile } from '../../support/runs/with-release.ts';
import { story } from '../../support/runs/with-run.ts';
import { ApplicationFailure } from '@temporalio/common';

const startRelease = releasesOfThisFile();
const steps = { before: [hook('freeze'), hook('announce', 'nothing to undo'), hook('migrate')], after: [hook('warm')] };

const hooksOf = (calls: readonly string[]): string[] => calls.filter((call) => call.startsWith('runHook'));

describe('hooks', () => {
  it('run in order, those before ahead of the pull and those after behind the traffic', async () => {
    const run = await startRelease({ steps });
    expect((await run.result()).phase).toBe('completed');
    const { story: calls } = run.release;
    const [first, second, third, last] = [1, 2, 3]
      .map((at) => `runHook hook-before-${at}`)
      .concat('runHook hook-after-1');
    expect(hooksOf(calls)).toEqual([first, second, third, last]);
    expect(calls.indexOf('pullImage')).toBeGreaterThan(calls.indexOf(third ?? ''));
    expect(calls.indexOf('shiftTraffic 10000')).toBeLessThan(calls.indexOf(last ?? ''));
  });

  it('are undone newest first, around traffic and instances; one without a compensation is not', async () => {
    const run = await startRelease({ steps, does: { 'runHook/hook-after-1': 'unhealthy' } });
    expect(await run.result()).toMatchObject({ phase: 'rolled-back', reason: 'hook warm: bad' });
    expect(run.release.story.slice(-5)).toEqual([
      'runHook undo hook-after-1',
      'returnTraffic',
      'removeInstances',
      'runHook undo hook-before-3',
      'runHook undo hook-before-1',
    ]);
    expect(run.release.ledger.hooks).toEqual(['hook-before-2']);
  });

  it('that fail before anything was made take back the hooks alone', async () => {
    const run = await startRelease({ steps, does: { 'runHook/hook-before-3': 'unhealthy' } });
    expect((await run.result()).phase).toBe('rolled-back');
    const undone = ['runHook undo hook-before-3', 'runHook undo hook-before-1'];
    expect(run.release.story.slice(-2)).toEqual(undone);
    expect(run.release.story).not.toContain('prepareRelease');
  });

  it('whose compensation fails or gets no answer are named, and keep nothing else from being undone', async () => {
    const lost = ApplicationFailure.nonRetryable('no shell');
    const does = {
      verifyInstances: 'unhealthy',
      'undoHook/hook-before-3': 'unhealthy',
      'undoHook/hook-before-1': lost,
    } as const;
    const run = await startRelease({ steps, does });
    const { phase, left, reason } = await run.result();
    expect([phase, left]).toEqual(['rollback-incomplete', 2]);
    expect(reason).toBe('verifyInstances: bad; hook migrate: bad; hook-before-1 could not be taken back: no shell');
    expect(run.release.ledger).toMatchObject({ started: [], old: 2 });
    expect(story(run)).toContain('hook-before-1 could not be taken back: no shell');
  });
});
