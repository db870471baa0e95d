// What the recorded runs have to hold together, so that a change anywhere in the interpreter meets one of them.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEntry, JournalEventType } from '#domain/journal/journal-entry.ts';
import type { FleetActivities } from '#domain/ports/fleet.port.ts';
import type { GateActivities } from '#domain/ports/gates.port.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { WatchActivities } from '#domain/ports/watch.port.ts';
import { COMMAND_NAMES } from '#domain/run/commands.ts';
import { isClosed, PHASES } from '#domain/run/run-state.ts';
import type { StepOutcome } from '../../workflows/deploy/run-context.ts';
import { recordedHistories } from './histories.ts';
import { neutral } from './neutral.ts';
import { REAL_RUNS } from './real-runs.ts';
import { SCENARIOS } from './scenarios.ts';

/** Complete by the compiler's word: a new member is missed here. */
const all = <Word extends string>(words: Readonly<Record<Word, true>>): string[] => Object.keys(words).sort();
const ACTIVITIES = all<keyof (FleetActivities & GateActivities & JournalActivities & WatchActivities)>({
  prepareRollout: true,
  offerWave: true,
  countRun: true,
  holdOffers: true,
  reopenOffers: true,
  withdrawOffers: true,
  rollBackFleet: true,
  leaveFleet: true,
  evaluateGate: true,
  appendJournal: true,
  watchCriteria: true,
  lookOnce: true,
});
const OUTCOMES = all<StepOutcome['kind']>({
  passed: true,
  short: true,
  unfinished: true,
  breach: true,
  failed: true,
  rejected: true,
  expired: true,
});
const EVENTS = all<JournalEventType>({
  'run-started': true,
  'phase-changed': true,
  'targets-chosen': true,
  'step-started': true,
  'step-ended': true,
  'gate-decided': true,
  'gate-overridden': true,
  'command-accepted': true,
  'command-refused': true,
  breach: true,
  'breach-accepted': true,
  'rollback-started': true,
  'rollback-ended': true,
  'compensation-failed': true,
  'run-ended': true,
});

interface Recorded {
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input: { readonly payloads: readonly { readonly data: string }[] };
  };
  readonly workflowExecutionUpdateAcceptedEventAttributes?: {
    readonly acceptedRequest: { readonly input: { readonly name: string } };
  };
  readonly workflowExecutionSignaledEventAttributes?: { readonly signalName: string };
}

const files = recordedHistories();
const texts = files.map((file) => readFileSync(file, 'utf8'));
const events = texts.flatMap((text) => (JSON.parse(text) as { events: Recorded[] }).events);
const scheduled = events.flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
const journal = scheduled
  .filter(({ activityType }) => activityType.name === 'appendJournal')
  .flatMap(({ input }) => {
    const batch = Buffer.from(input.payloads[0]?.data ?? '', 'base64').toString();
    return (JSON.parse(batch) as { entries: JournalEntry[] }).entries;
  });
const seen = (found: readonly unknown[]): unknown[] => [...new Set(found)].sort();

describe('the recorded runs', () => {
  it('are those of the scenarios and of the real fleet', () => {
    const names = files.map((file) => basename(file, '.json')).sort();
    expect(names).toEqual([...SCENARIOS, ...REAL_RUNS].map(({ name }) => name).sort());
  });

  it('call every activity', () => {
    expect(seen(scheduled.map(({ activityType }) => activityType.name))).toEqual(ACTIVITIES);
  });

  it('take every command, and some by signal', () => {
    const updates = events.flatMap((event) => event.workflowExecutionUpdateAcceptedEventAttributes ?? []);
    expect(seen(updates.map(({ acceptedRequest }) => acceptedRequest.input.name))).toEqual([...COMMAND_NAMES].sort());
    const signals = events.flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
    expect(signals.length).toBeGreaterThan(2);
  });

  it('know every end of a step, every entry of a journal and every end of a run', () => {
    const ends = journal.filter(({ type, data }) => type === 'step-ended' && 'outcome' in data);
    expect(seen(ends.map(({ data }) => data['outcome']))).toEqual(OUTCOMES);
    expect(seen(journal.map(({ type }) => type))).toEqual(EVENTS);
    const ended = journal.filter(({ type }) => type === 'run-ended');
    expect(seen(ended.map(({ data }) => data['phase']))).toEqual(PHASES.filter(isClosed).sort());
  });

  it('say nothing of who recorded them', () => {
    for (const text of texts) expect(neutral(text, process.cwd())).toBe(text);
  });
});

it('a process is taken out of a history, what it did stays', () => {
  const recorded = '"identity": "15309@vm", "name": "15309@vm-c12d367ab02243e683fc7b1435fd46ac", "at /home/x/a.ts:1"';
  expect(neutral(recorded, '/home/x')).toBe(
    '"identity": "recorder", "name": "recorder-c12d367ab02243e683fc7b1435fd46ac", "at a.ts:1"',
  );
});
