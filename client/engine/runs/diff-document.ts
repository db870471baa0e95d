import type { SpanDiff, Span } from './diff-durations.ts';
import type { ComparedRun } from './diff-results.ts';
import type { RunDiff } from './diff-runs.ts';
import { runDocument } from './status-document.ts';

/** What programs read of a comparison: `run diff --output json`. */
export function diffDocument({ a, b, isSameRun, isSameKind, notCompared, durations, ...sections }: RunDiff) {
  const { plan, delivered, configuration, results } = sections;
  return {
    a: sideDocument(a),
    b: sideDocument(b),
    same_run: isSameRun,
    same_kind: isSameKind,
    not_compared: notCompared,
    plan,
    delivered,
    configuration,
    durations: {
      whole: spansDocument(durations.whole),
      steps: durations.steps.map(({ step, plannedBy, ...spans }) => {
        return { step, planned_by: plannedBy, ...spansDocument(spans) };
      }),
      way_back: spansDocument(durations.wayBack),
    },
    results,
  };
}

const sideDocument = ({ status: { row }, evidence }: ComparedRun) => ({
  ...runDocument(row),
  evidence: evidence.map(({ id, step, at }) => ({ evidence_id: id, step, at })),
});

const spansDocument = ({ a, b, differenceMs }: SpanDiff) => ({
  a: a && spanDocument(a),
  b: b && spanDocument(b),
  difference_ms: differenceMs,
});

const spanDocument = ({ startedAt, endedAt, tookMs, state }: Span) => ({
  started_at: startedAt,
  ended_at: endedAt,
  took_ms: tookMs,
  state,
});
