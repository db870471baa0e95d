import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { finalEntries, type LeftBehind } from '../../../client/engine/runs/final-entry.ts';
import { describeEnd } from '../../../client/engine/runs/workflow-end.ts';

describe('how a workflow ended', () => {
  const terminated = (reason: string | null) => ({
    workflowExecutionTerminatedEventAttributes: { identity: 'ada@laptop', reason },
  });
  const failed = (failure: object) => ({ workflowExecutionFailedEventAttributes: { failure } });

  it.each([
    ['TERMINATED', terminated('wrong plan'), 'terminated by ada@laptop: wrong plan'],
    ['TERMINATED', terminated(null), 'terminated by ada@laptop'],
    ['FAILED', failed({ message: 'no such queue' }), 'its workflow failed: no such queue'],
    [
      'FAILED',
      failed({ message: 'Activity task failed', cause: { message: 'disk full', cause: { message: 'disk full' } } }),
      'its workflow failed: Activity task failed: disk full',
    ],
    ['FAILED', failed({ message: 'mqtt://u:hunter2@b refused' }), 'its workflow failed: mqtt://[redacted]@b refused'],
    ['TIMED_OUT', {}, 'its workflow ran out of time'],
    ['CANCELED', undefined, 'canceled'],
  ])('%s: %j', (status, event, why) => expect(describeEnd(status, event)).toBe(why));
});

describe('what a run that was cut short did not come to write', () => {
  const ending = { status: 'TERMINATED', at: '2026-01-01T00:00:00.000Z', why: 'terminated by ada' };
  const entry = (seq: number, type: JournalEntry['type']): JournalEntry => ({
    seq,
    type,
    at: ending.at,
    summary: '',
    data: {},
  });
  const offered: LeftBehind = { hasOffered: true, left: 12, examples: [] };

  it('is its end, when it had offered nothing', () => {
    const entries = finalEntries([entry(1, 'run-started')], null, ending, { ...offered, hasOffered: false, left: 0 });
    expect(entries).toMatchObject([
      { seq: 2, type: 'run-ended', summary: 'failed: terminated by ada', data: { phase: 'failed', left: 0 } },
    ]);
  });

  it('is also that its way back did not run, and who is left', () => {
    const entries = finalEntries([entry(1, 'run-started'), entry(2, 'step-started')], null, ending, offered);
    expect(entries).toMatchObject([
      {
        seq: 3,
        type: 'compensation-failed',
        summary: 'fleet could not be taken back: the run was cut short before its way back; 12 devices left',
        data: { compensation: 'fleet', left: 12 },
      },
      {
        seq: 4,
        type: 'run-ended',
        summary: 'failed: terminated by ada; 12 devices are left on the new version, or may be',
        data: { left: 12, reason: 'terminated by ada' },
      },
    ]);
  });

  it('says so when it was cut short on its way back', () => {
    const [first] = finalEntries([entry(1, 'rollback-started')], null, ending, offered);
    expect(first?.summary).toContain('the run was cut short on its way back');
  });

  it('is its end alone when its way back had ended', () => {
    const known = [entry(1, 'rollback-started'), entry(2, 'rollback-ended')];
    expect(finalEntries(known, null, ending, offered).map(({ type }) => type)).toEqual(['run-ended']);
  });

  it('keeps the end that it had reached', () => {
    const reached = { phase: 'completed', since: ending.at } as const;
    const none = { ...offered, hasOffered: false, left: 0 };
    expect(finalEntries([], reached, ending, none)).toMatchObject([{ seq: 1, data: { phase: 'completed' } }]);
  });
});
