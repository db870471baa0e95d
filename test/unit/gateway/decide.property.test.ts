import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import type { Decision } from '#domain/fleet/job-execution-decision.ts';
import { isTerminal, STATUS, type Execution, type JobStatus } from '#domain/fleet/job-execution.ts';
import { REPORTED_STATUSES, type DeviceRequest, type StoreRequest } from '#domain/fleet/job-execution-request.ts';
import {
  execution,
  MINUTE_MS,
  NOW_MS,
  shadow,
  startNext,
  stateOf,
  THING,
  update,
} from '../../support/gateway/executions.ts';

const token = fc.constantFrom('a', 'b', 'c', 'd', null);
const step = fc.constantFrom(null, 'downloading', 'installing', 'rebooting', 'dancing');
const details = step.map((name) => (name === null ? null : { step: name }));
const jobId = fc.constantFrom('exe_test-w1', 'exe_test-w2');
const version = fc.option(fc.integer({ min: 1, max: 4 }), { nil: null });

const request: fc.Arbitrary<StoreRequest> = fc.oneof(
  fc.record({ clientToken: token }).map(startNext),
  fc
    .record({
      clientToken: token,
      jobId,
      status: fc.constantFrom(...REPORTED_STATUSES),
      statusDetails: details,
      expectedVersion: version,
    })
    .map(update),
  fc.constantFrom('1.0.0', '1.1.0', null).map((firmware) => shadow(firmware)),
  jobId.map((id) => ({ kind: 'expire' as const, thing: THING, jobId: id })),
);
type Event = { request: StoreRequest; afterMs: number } | { jobSeq: number; becomes: JobStatus };
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ request, afterMs: fc.integer({ min: 0, max: 20 * MINUTE_MS }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      jobSeq: fc.constantFrom(1, 2),
      becomes: fc.constantFrom<JobStatus>('open', 'held', 'cancelled'),
    }),
  },
);
const confirm = fc.constantFrom('succeeded', 'reported');

/** Requests of one device, each with a token of its own; reports say which version they expect. */
const requests = fc
  .array(
    fc.oneof(
      fc.constant({ kind: 'start-next' as const }),
      fc.record({
        jobId,
        status: fc.constantFrom(...REPORTED_STATUSES),
        statusDetails: details,
        expectedVersion: fc.integer({ min: 1, max: 5 }),
        executionNumber: fc.constantFrom(null, 1, 1, 2),
      }),
      fc.record({ firmware: fc.constantFrom('1.0.0', '1.1.0') }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((bodies) =>
    bodies.map((body, index): DeviceRequest => {
      const clientToken = `t${index}`;
      if ('firmware' in body) return shadow(body.firmware, { clientToken });
      return 'kind' in body ? startNext({ clientToken }) : update({ ...body, clientToken });
    }),
  );
/** The same, repeated and in any order. */
const deliveries = requests.chain((sent) =>
  fc.array(fc.record({ request: fc.constantFrom(...sent), afterMs: fc.integer({ min: 0, max: MINUTE_MS }) }), {
    maxLength: 40,
  }),
);

class Thing {
  executions: Execution[];
  nowMs = NOW_MS;

  constructor(mode: 'succeeded' | 'reported') {
    this.executions = [execution({ jobSeq: 1 }, { confirm: mode }), execution({ jobSeq: 2 }, { confirm: mode })];
  }

  decide(one: StoreRequest): Decision {
    return decide(stateOf(this.executions), one, this.nowMs);
  }

  apply({ changes }: Decision): void {
    this.executions = this.executions.map((old) => {
      const changed = changes.find(({ before }) => before.jobSeq === old.row.jobSeq);
      return changed ? { ...old, row: changed.after } : old;
    });
  }

  setJob(jobSeq: number, jobStatus: JobStatus): void {
    this.executions = this.executions.map((old) => {
      // A job that was cancelled is never opened again.
      const isAllowed = old.row.jobSeq === jobSeq && old.jobStatus !== 'cancelled';
      return isAllowed ? { ...old, jobStatus } : old;
    });
  }
}

function play(
  mode: 'succeeded' | 'reported',
  events: readonly Event[],
  check: (thing: Thing, decision: Decision, one: StoreRequest) => void,
) {
  const thing = new Thing(mode);
  for (const next of events) {
    if ('becomes' in next) {
      thing.setJob(next.jobSeq, next.becomes);
      continue;
    }
    thing.nowMs += next.afterMs;
    const decision = thing.decide(next.request);
    check(thing, decision, next.request);
    thing.apply(decision);
  }
}

const always = (check: (thing: Thing, decision: Decision, one: StoreRequest) => void) =>
  fc.assert(
    fc.property(confirm, fc.array(event, { maxLength: 30 }), (mode, events) => play(mode, events, check)),
    { numRuns: 400 },
  );

describe('whatever is asked in whatever order', () => {
  it('the version rises by one with each change of status and each report taken, and never falls', () => {
    always((_thing, { changes }, one) => {
      for (const { before, after } of changes) {
        const rise = after.versionNumber - before.versionNumber;
        expect([0, 1]).toContain(rise);
        const isTaken = one.kind === 'update' && !isTerminal(before.status);
        if (after.status !== before.status || isTaken) expect(rise).toBe(1);
        if (rise === 0) expect(after.updatedAtMs).toBe(before.updatedAtMs);
      }
    });
  });

  it('an ended execution stays as it ended', () => {
    always((_thing, { changes }) => {
      for (const { before, after } of changes) if (isTerminal(before.status)) expect(after.status).toBe(before.status);
    });
  });

  it('the same request with a token changes nothing when it comes again', () => {
    always((thing, decision, one) => {
      if (one.kind === 'expire' || one.clientToken === null) return;
      const again = new Thing('succeeded');
      Object.assign(again, { executions: thing.executions, nowMs: thing.nowMs });
      again.apply(decision);
      const repeated = again.decide(one);
      // A start-next whose execution ended with the answer begins the next job; what was begun is not begun again.
      const isNewStart = one.kind === 'start-next' && !('execution' in (decision.answer as { body: object }).body);
      if (!isNewStart) expect(repeated.changes).toEqual([]);
    });
  });

  it('stages never go back, only executions in progress have deadlines, only failures have evidence', () => {
    always((_thing, { changes }) => {
      for (const { before, after, evidence } of changes) {
        expect(after.stage).toBeGreaterThanOrEqual(before.stage);
        if (after.status !== STATUS.inProgress) expect(after.deadlineAtMs).toBeNull();
        const isFailure = [STATUS.failed, STATUS.timedOut, STATUS.rejected].some((code) => code === after.status);
        expect(evidence !== null).toBe(isFailure && !isTerminal(before.status));
      }
    });
  });

  it('nothing queued of a held or cancelled job begins', () => {
    always((_thing, { changes }) => {
      for (const { before, after, jobStatus } of changes) {
        if (before.status === STATUS.queued && jobStatus !== 'open') expect(after.status).not.toBe(STATUS.inProgress);
      }
    });
  });
});

describe('whatever is delivered twice or late', () => {
  it('each token has one effect', () => {
    const property = fc.property(confirm, deliveries, (mode, events) => {
      const applied = new Map<string, number>();
      play(mode, events, (thing, { changes }, one) => {
        if (one.kind === 'update') {
          if (one.executionNumber === 2) expect(changes).toEqual([]);
          const rises = changes.filter(({ before, after }) => after.versionNumber > before.versionNumber).length;
          const key = String(one.clientToken);
          applied.set(key, (applied.get(key) ?? 0) + rises);
          expect(applied.get(key)).toBeLessThanOrEqual(1);
        }
        if (one.kind !== 'start-next') return;
        for (const { row } of thing.executions) {
          const starts = [row.startToken, ...row.boots.map(({ token: boot }) => boot)].filter(
            (start) => start !== null,
          );
          expect(new Set(starts).size).toBe(starts.length);
        }
      });
    });
    fc.assert(property, { numRuns: 1_000 });
  });
});
