import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { outgoingOf } from '#domain/journal/outgoing.ts';

const entry = (type: JournalEntry['type'], data: JournalEntry['data'] = {}): JournalEntry => {
  return { seq: 4, at: '2026-01-01T00:00:00.000Z', type, summary: 'one line', data };
};

describe('what others are told of a run', () => {
  it.each(['run-started', 'gate-decided', 'breach', 'rollback-started', 'rollback-ended', 'run-ended'] as const)(
    '%s, by its name',
    (type) => {
      const payload = { at: '2026-01-01T00:00:00.000Z', summary: 'one line', data: {} };
      expect(outgoingOf([entry(type)])).toEqual([{ seq: 4, topic: type, payload }]);
    },
  );

  it('phases in which somebody is needed or something ended, not the others', () => {
    const topics = (phase: string) => outgoingOf([entry('phase-changed', { phase })]).map(({ topic }) => topic);
    expect(topics('awaiting-approval')).toEqual(['phase-changed']);
    expect(topics('paused')).toEqual(['phase-changed']);
    expect(topics('rolled-back')).toEqual(['phase-changed']);
    expect(topics('running')).toEqual([]);
    expect(topics('no such phase')).toEqual([]);
  });

  it('no steps', () => expect(outgoingOf([entry('step-started'), entry('step-ended')])).toEqual([]));
});
