// What a run relies on in its gates, its watch and its journal, run on the real activities and on the scripted fleet of the
// workflow tests.
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { GateStep } from '#domain/plan/steps.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { GateActivities, GateOutcome } from '#domain/ports/gates.port.ts';
import type { JournalActivities } from '#domain/ports/journal.port.ts';
import type { WatchActivities, WatchInput } from '#domain/ports/watch.port.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { attempt } from '../support/fleet/fleet-world.ts';
import { runViewOf } from '../support/fleet/run-view-builder.ts';

export type Standing = 'well' | 'failing' | 'ill' | 'unseen';

export interface RunPortsBed {
  readonly activities: GateActivities & WatchActivities & JournalActivities;
  /** A run of its own for each test. */
  readonly ref: RunRef;
  /** A gate that comes out so. */
  gate(kind: GateOutcome['kind']): GateStep;
  /** From now on the run's devices and services stand so; what an attempt knows that looks for long. */
  stand(how: Standing): Promise<Parameters<typeof attempt>[2]>;
  readonly healthChecks: WatchInput['watch']['healthChecks'];
  journal(): Promise<readonly JournalEntry[]>;
  view(): Promise<RunView | null>;
}

export interface RunPortsWorld {
  open(): Promise<RunPortsBed>;
  close(): Promise<void>;
}

const EVERY_MS = 5_000;
const SINCE = '2026-01-01T00:00:00.000Z';

export function runPortsConformance(name: string, makeWorld: () => Promise<RunPortsWorld>): void {
  describe(`run ports: ${name}`, () => {
    let world: RunPortsWorld;
    let bed: RunPortsBed;
    beforeAll(async () => {
      world = await makeWorld();
    });
    afterAll(() => world.close());
    beforeEach(async () => {
      bed = await world.open();
    });

    describe('a gate', () => {
      const evaluate = (step: GateStep): Promise<GateOutcome> =>
        attempt(bed.activities.evaluateGate, { ...bed.ref, step }).result;

      it.each(['passed', 'failed', 'not_evaluated', 'inconclusive'] as const)('is %s by a value', async (kind) => {
        const outcome = await evaluate(bed.gate(kind));
        expect(outcome.kind).toBe(kind);
        expect(outcome.summary).not.toBe('');
        expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      });

      it('that failed names its evidence; one with nothing to run has none', async () => {
        expect((await evaluate(bed.gate('failed'))).evidence).toMatch(/^evd_/);
        expect((await evaluate(bed.gate('not_evaluated'))).evidence).toBeNull();
      });
    });

    describe('a watch', () => {
      const criteria = { maxFailureRatePercent: 10, minimumExecuted: 1, onHealthCheckFailure: true };
      const input = (changes: Partial<typeof criteria> | { maxFailureRatePercent: null } = {}): WatchInput => ({
        ...bed.ref,
        watch: { everyMs: EVERY_MS, criteria: { ...criteria, ...changes }, healthChecks: bed.healthChecks },
      });
      const unhealthy = (criterion: string) => ({
        kind: 'unhealthy',
        criterion,
        summary: expect.stringMatching(/./) as string,
        evidence: expect.stringMatching(/^evd_/) as string,
      });

      it('that finds nothing asks for the next look without noise', async () => {
        await bed.stand('well');
        const failure = await attempt(bed.activities.watchCriteria, input()).result.catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(ApplicationFailure);
        expect(failure).toMatchObject({
          type: 'NOTHING_YET',
          nonRetryable: false,
          category: ApplicationFailureCategory.BENIGN,
          nextRetryDelay: EVERY_MS,
        });
      });

      it('that is asked once says healthy', async () => {
        await bed.stand('well');
        expect(await attempt(bed.activities.lookOnce, input()).result).toEqual({ kind: 'healthy' });
      });

      it.each([
        ['failing', 'failure-rate'],
        ['ill', 'health-check'],
      ] as const)('finds devices or services %s by a value', async (how, criterion) => {
        await bed.stand(how);
        expect(await attempt(bed.activities.watchCriteria, input()).result).toMatchObject(unhealthy(criterion));
        expect(await attempt(bed.activities.lookOnce, input()).result).toMatchObject(unhealthy(criterion));
      });

      it.each([
        ['failing', { maxFailureRatePercent: null }],
        ['ill', { onHealthCheckFailure: false }],
      ] as const)('does not find devices or services %s when that is not watched', async (how, changes) => {
        await bed.stand(how);
        expect(await attempt(bed.activities.lookOnce, input(changes)).result).toEqual({ kind: 'healthy' });
      });

      it('that sees nothing for long says why, by a value', async () => {
        const info = await bed.stand('unseen');
        const verdict = await attempt(bed.activities.watchCriteria, input(), info).result;
        expect(verdict).toEqual({ kind: 'inconclusive', why: expect.stringMatching(/./) as string });
      });
    });

    describe('a journal', () => {
      const entry = (seq: number, summary = `entry ${seq}`): JournalEntry => ({
        seq,
        at: SINCE,
        type: 'step-started',
        summary,
        data: { step: `s${seq}` },
      });
      const append = (entries: readonly JournalEntry[], phase: 'running' | 'completed' = 'running') => {
        const view = runViewOf(bed.ref.run, { state: { phase, since: SINCE } });
        return attempt(bed.activities.appendJournal, { run: bed.ref.run, entries, view }).result;
      };

      it('holds what was appended, in order', async () => {
        await append([entry(1), entry(2)]);
        await append([entry(3)]);
        expect(await bed.journal()).toEqual([entry(1), entry(2), entry(3)]);
      });

      it('is the same when a batch comes twice, or overlaps one that came', async () => {
        await append([entry(1), entry(2)]);
        await append([entry(1), entry(2)]);
        await append([entry(2, 'other words'), entry(3)]);
        expect(await bed.journal()).toEqual([entry(1), entry(2), entry(3)]);
      });

      it('takes an older batch that comes late, and turns the run back by nothing', async () => {
        await append([entry(2), entry(3)], 'completed');
        await append([entry(1)], 'running');
        expect(await bed.journal()).toEqual([entry(1), entry(2), entry(3)]);
        expect((await bed.view())?.state.phase).toBe('completed');
      });

      it('shows the run as it stands after the last entry', async () => {
        await append([entry(1)]);
        expect(await bed.view()).toEqual(runViewOf(bed.ref.run, { state: { phase: 'running', since: SINCE } }));
        await append([entry(2)], 'completed');
        expect((await bed.view())?.state.phase).toBe('completed');
      });

      it('is not changed by a batch without entries', async () => {
        await append([], 'completed');
        expect([await bed.journal(), await bed.view()]).toEqual([[], null]);
      });
    });
  });
}
