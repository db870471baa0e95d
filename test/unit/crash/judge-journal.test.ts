import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { judgeCommands, judgeOutbox } from '../../support/crash/judge-journal.ts';

const at = '2026-01-01T00:00:00.000Z';
const entry = (seq: number, type: JournalEntry['type'], data: JournalEntry['data'] = {}): JournalEntry => ({
  seq,
  at,
  type,
  summary: type,
  data,
});
const accepted = (seq: number, commandId: string): JournalEntry => entry(seq, 'command-accepted', { commandId });

describe('commands in the journal', () => {
  it('are fine when each that was answered stands there once', () => {
    expect(judgeCommands(['a', 'b'], [accepted(1, 'a'), accepted(2, 'b'), accepted(3, 'unanswered')])).toEqual([]);
  });

  it('are named when one that was answered is lost, or one stands there twice', () => {
    expect(judgeCommands(['a', 'b'], [accepted(1, 'b'), accepted(2, 'b')])).toEqual([
      'journal: command a was answered and is lost',
      'journal: command b counts twice',
    ]);
  });
});

describe('the outbox', () => {
  const entries = [entry(1, 'run-started'), entry(2, 'step-started'), entry(3, 'run-ended')];

  it('is fine when it holds once what goes out', () => {
    expect(judgeOutbox(['1 run-started', '3 run-ended'], entries)).toEqual([]);
  });

  it('is told what is missing, what is there twice, and what nobody was to hear', () => {
    expect(judgeOutbox(['1 run-started', '1 run-started', '2 step-started'], entries)).toEqual([
      'outbox: 3 run-ended is missing',
      'outbox: 1 run-started too many',
      'outbox: 2 step-started too many',
    ]);
  });
});
