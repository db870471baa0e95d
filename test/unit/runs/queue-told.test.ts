import { describe, expect, it, test } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunId } from '#domain/ids.ts';
import type { RunState } from '#domain/run/run-state.ts';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import type { QueuePlace } from '../../../client/engine/runs/queue-place.ts';
import { answersDocument } from '../../../client/engine/runs/run-documents.ts';
import type { RunFacts } from '../../../client/engine/runs/run-facts.ts';
import { renderStatus, statusLine } from '../../../client/cli/render/run.ts';
import { factsOf, lookAt, rowOf, statusOf, viewOf } from './sample-run.ts';

const look = lookAt('2025-11-21T14:14:12.000Z');
const since = '2025-11-21T14:02:00.000Z';
const queued = { phase: 'queued', since } as const;
const wish = {
  environment: 'production',
  ticket: 7,
  priority: 'normal',
  subject: 'devices',
  after: [],
  maximum: 2,
} as const;

const OTHER = 'exe_01HOTHER' as RunId;
const baking = viewOf({ phase: 'running', since }, 2);
const ahead = rowOf(
  { ...baking, step: baking.step && { ...baking.step, summary: 'bake 30 min after wave 1' } },
  { run: OTHER },
);

const place = (changes: Partial<QueuePlace> = {}): QueuePlace => ({
  position: 2,
  of: 3,
  resumes: false,
  obstacle: { kind: 'subject', behind: [OTHER] },
  behind: [ahead],
  ...changes,
});

const factsIn = (state: RunState, index: number | null, changes: Partial<RunFacts> = {}): RunFacts =>
  factsOf(statusOf(rowOf(viewOf(state, index), { place: wish })), changes);
const pictureOf = (facts: RunFacts) => describeRun(facts, look.clock);

describe('a run that waits for its turn and has not begun', () => {
  const facts = factsIn(queued, null, { queue: place() });

  it('says its position, behind whom and why, and where the queue is seen', () => {
    expect(renderStatus(facts.status, pictureOf(facts), look)).toBe(
      `
Production Rollout v1.2.0 · fleet rollout · edge 1.2.0 → production
exe_01HSAMPLE  QUEUED · 0 % · 00:14:12
since     14:02 UTC (12 min 12 s ago) · started 14:00 UTC (14 min 12 s ago) by
          grace
doing     waiting for its turn in production
waiting   second of 3 in the queue of production · behind exe_01HOTHER (bake
          30 min after wave 1): devices in common · since 14:02 UTC (12 min 12 s
          ago)
why       plan plan_7k2 by grace (digest 9be2c1d0a7f3)
so far    no device offered yet
next      approval of wave 1 (10 %) (2 of role approver)
back      nothing to take back yet: no device was offered the firmware
you can   pause · cancel · roll back · see the queue
  sluice deploy pause --execution-id exe_01HSAMPLE
  sluice deploy cancel --execution-id exe_01HSAMPLE --reason "…"
  sluice deploy rollback --execution-id exe_01HSAMPLE --reason "…"
  sluice env queue production
`.trim(),
    );
  });

  it('says the same in one line, without times, for a pipe', () => {
    expect(statusLine(facts.status, pictureOf(facts))).toBe(
      'QUEUED 0 % · second of 3 in the queue of production · behind exe_01HOTHER (bake 30 min after wave 1): devices in common · no device offered yet',
    );
  });

  it('tells programs why and behind whom', () => {
    expect(answersDocument(facts, pictureOf(facts)).queue).toEqual({
      position: 2,
      of: 3,
      resumes: false,
      why: 'devices-in-common',
      behind: [OTHER],
    });
  });

  it('is told from the coordinator’s word before its own first one came', () => {
    const silent = factsOf(statusOf(rowOf(null, { place: wish })), { queue: place() });
    expect(pictureOf(silent)).toMatchObject({ doing: 'waiting for its turn in production' });
    expect(pictureOf(silent).waiting).toMatch(/^second of 3 /);
    expect(pictureOf({ ...silent, queue: null })).toMatchObject({
      doing: 'starting, or waiting for its turn in production: nothing was heard of it yet',
      waiting: null,
    });
  });

  it('is shown without its position when the coordinator cannot be asked', () => {
    const { doing, waiting } = pictureOf(factsIn(queued, null));
    expect(doing).toBe('waiting for its turn in production');
    expect(waiting).toBe('for its turn in production · since 14:02 UTC (12 min 12 s ago)');
    expect(answersDocument(factsIn(queued, null), pictureOf(facts)).queue).toBeNull();
  });
});

test.each<[string, Partial<QueuePlace>, string]>([
  [
    'the maximum',
    { obstacle: { kind: 'maximum', maximum: 1, behind: [OTHER] } },
    '1 under way, at most 1 at once: exe_01HOTHER (bake 30 min after wave 1)',
  ],
  ['nobody any more', { position: 1, obstacle: null, behind: [] }, 'about to be let in'],
  ['one that the database does not know', { behind: [] }, 'behind exe_01HOTHER: devices in common'],
  [
    'one that waits itself',
    { behind: [rowOf(viewOf(queued, null), { run: OTHER })] },
    'behind exe_01HOTHER (queued): devices in common',
  ],
  [
    'many',
    { obstacle: { kind: 'maximum', maximum: 5, behind: ['a', 'b', 'c', 'd', 'e'] } },
    '5 under way, at most 5 at once: a, b, c and 2 more',
  ],
])('a run that waits for %s says so', (_, changes, text) => {
  const { waiting } = pictureOf(factsIn(queued, null, { queue: place(changes) }));
  expect(waiting?.split(' · ')[1]).toBe(text);
});

describe('a run that waits again in the middle', () => {
  const step = (seq: number, type: JournalEntry['type'], outcome?: string): JournalEntry => ({
    seq,
    at: since,
    type,
    summary: '',
    data: { index: 2, ...(outcome !== undefined && { outcome }) },
  });
  const passed = [step(8, 'step-started'), step(9, 'step-ended', 'passed')];
  const held = [step(8, 'step-started')];

  it('says that it goes on then, and what it keeps meanwhile', () => {
    const { doing, waiting } = pictureOf(factsIn(queued, 2, { queue: place({ position: 1, resumes: true }) }));
    expect(doing).toBe('waiting for its turn in production to go on');
    expect(waiting).toContain(' · keeps its devices to itself meanwhile · since ');
  });

  it('names the step after one that passed, and one that was held itself', () => {
    expect(pictureOf(factsIn(queued, 2, { events: passed })).next).toContain('wave 2 of 3');
    expect(pictureOf(factsIn(queued, 2, { events: held })).next).toBe('bake 30 min after wave 1');
  });

  it('names the same beneath a pause', () => {
    const paused = { phase: 'paused', since, by: 'ada', reason: 'lunch', under: queued } as const;
    expect(pictureOf(factsIn(paused, 2, { events: passed })).next).toMatch(/^after resume: wave 2 of 3/);
  });
});
