import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Step } from '#domain/plan/steps.ts';
import type { Iso } from '#domain/time.ts';

/** From when until when something was done. */
export interface Span {
  readonly startedAt: Iso;
  /** Null while it is under way. */
  readonly endedAt: Iso | null;
  /** Up to now while it is under way. */
  readonly tookMs: number;
  /** `cut-short`: the run left it without an end of its own, because it went back or was over. */
  readonly state: 'ended' | 'cut-short' | 'under-way';
}

export interface SpanDiff {
  readonly a: Span | null;
  readonly b: Span | null;
  /** What `b` took longer; null unless both are over. */
  readonly differenceMs: number | null;
}

export interface StepDiff extends SpanDiff {
  readonly step: string;
  /** Whose plans have it; one without a span was not reached. */
  readonly plannedBy: 'both' | 'a' | 'b';
}

/** A run as far as its times are concerned. */
export interface TimedRun {
  readonly startedAt: Iso;
  readonly completedAt: Iso | null;
  readonly steps: readonly Step[];
  readonly events: readonly JournalEntry[];
}

export interface DurationDiff {
  readonly whole: SpanDiff;
  readonly steps: readonly StepDiff[];
  readonly wayBack: SpanDiff;
}

/** How long two runs, their steps and their ways back took. A step that was held and taken again counts once, with the wait. */
export function diffDurations(a: TimedRun, b: TimedRun, now: Iso): DurationDiff {
  const [ofA, ofB] = [new Set(a.steps.map(({ id }) => id)), new Set(b.steps.map(({ id }) => id))];
  const steps = [...new Set([...ofA, ...ofB])].map((step): StepDiff => {
    const plannedBy = !ofB.has(step) ? 'a' : !ofA.has(step) ? 'b' : 'both';
    return { step, plannedBy, ...spans(a, b, (run) => stepSpan(run, step, now)) };
  });
  return {
    whole: spans(a, b, ({ startedAt, completedAt }) => spanOf(startedAt, completedAt, now)),
    steps,
    wayBack: spans(a, b, (run) => wayBackSpan(run, now)),
  };
}

function spans(one: TimedRun, other: TimedRun, spanIn: (run: TimedRun) => Span | null): SpanDiff {
  const [a, b] = [spanIn(one), spanIn(other)];
  const areOver = a !== null && b !== null && a.endedAt !== null && b.endedAt !== null;
  return { a, b, differenceMs: areOver ? b.tookMs - a.tookMs : null };
}

function stepSpan({ events, completedAt }: TimedRun, step: string, now: Iso): Span | null {
  const own = events.filter(({ data }) => data['step'] === step);
  const started = own.find(({ type }) => type === 'step-started');
  if (started === undefined) return null;
  const last = own.findLast(({ type }) => type === 'step-started' || type === 'step-ended');
  if (last?.type === 'step-ended') return spanOf(started.at, last.at, now);
  const left = events.find(({ type, seq }) => seq > (last?.seq ?? 0) && LEAVES.includes(type))?.at ?? completedAt;
  const span = spanOf(started.at, left, now);
  return left === null ? span : { ...span, state: 'cut-short' };
}

const LEAVES: readonly JournalEntry['type'][] = ['rollback-started', 'run-ended'];

function wayBackSpan({ events, completedAt }: TimedRun, now: Iso): Span | null {
  const began = events.find(({ type }) => type === 'rollback-started');
  if (began === undefined) return null;
  const end = events.find(({ type }) => type === 'run-ended')?.at ?? completedAt;
  return spanOf(began.at, end, now);
}

function spanOf(startedAt: Iso, endedAt: Iso | null, now: Iso): Span {
  // The moments come from more than one clock.
  const tookMs = Math.max(0, Date.parse(endedAt ?? now) - Date.parse(startedAt));
  return { startedAt, endedAt, tookMs, state: endedAt === null ? 'under-way' : 'ended' };
}
