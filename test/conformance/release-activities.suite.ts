// What a release's workflow relies on in its activities, run on the real ones and on those of the workflow tests.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ContainerStrategy } from '#domain/plan/container-plan.ts';
import type { HealthCheck } from '#domain/plan/health-check.ts';
import type { WatchPlan } from '#domain/plan/plan-base.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleaseActivities, ReleaseUndone, WatchedOutcome } from '#domain/ports/release.port.ts';
import { containerPlanOf } from '../support/containers/container-plan.ts';
import { attempt, codeOf } from '../support/fleet/fleet-world.ts';

/** An application, alone in its environment, with the hands of its machine on it. */
export interface ReleaseBed {
  readonly activities: ReleaseActivities;
  /** A new run that releases `version` of the application, beside the one that serves unless `strategy` says otherwise. */
  run(version: string, strategy?: ContainerStrategy): Promise<RunRef>;
  /** From now on instances of `version` never become ready. */
  makeIll(version: string): void;
  /** Versions of which something answers clients now, each once. */
  serving(): Promise<readonly string[]>;
  /** Versions of which there are containers, each once. */
  present(): Promise<readonly string[]>;
  /** New requests wait. */
  isHolding(): Promise<boolean>;
}

/** A service that nobody offers. */
export const ILL: HealthCheck = {
  type: 'tcp',
  name: 'ill',
  host: '127.0.0.1',
  port: 1,
  timeoutMs: 1_000,
  retryCount: 0,
};
/** A check whose secret nobody has set. */
export const BLIND: HealthCheck = {
  ...{ type: 'command', name: 'blind', command: ['true'], timeoutMs: 1_000, retryCount: 0 },
  env: { TOKEN: { secretRef: 'env:NOBODY_SETS_IT' } },
};
const watching = (...healthChecks: readonly HealthCheck[]): WatchPlan => ({ ...containerPlanOf().watch, healthChecks });

export interface ReleaseBeds {
  open(): Promise<ReleaseBed>;
  close(): Promise<void>;
}

const REPLICAS = [1, 2];
const ROLLING: ContainerStrategy = { kind: 'rolling', maxSurge: 1, maxUnavailable: 0 };
const SOON_MS = 10_000;
const SHORT_MS = 500;
const within = (ms: number): string => new Date(Date.now() + ms).toISOString();

/** All outcomes are plain JSON with words for people. */
function expectPlain(outcome: WatchedOutcome | ReleaseUndone): void {
  expect(outcome).toMatchObject({ summary: expect.stringMatching(/./) as string });
  expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
}

export function releaseConformance(name: string, makeBeds: () => Promise<ReleaseBeds>): void {
  describe(`release activities: ${name}`, () => {
    let beds: ReleaseBeds;
    let bed: ReleaseBed;
    beforeAll(async () => {
      beds = await makeBeds();
    });
    afterAll(() => beds.close());
    beforeEach(async () => {
      bed = await beds.open();
    });

    const prepare = (ref: RunRef) => attempt(bed.activities.prepareRelease, ref).result;
    const stage = (ref: RunRef, replicas = REPLICAS) =>
      attempt(bed.activities.stageInstances, { ...ref, step: 'stage', replicas }).result;
    const verify = (ref: RunRef, withinMs = SOON_MS) => {
      const wish = { ...ref, look: null, step: 'verify', replicas: REPLICAS, join: 'beside' } as const;
      return attempt(bed.activities.verifyInstances, { ...wish, deadlineAt: within(withinMs) }).result;
    };
    const joinAmong = (ref: RunRef, replicas: readonly number[]) => {
      const wish = {
        ...ref,
        look: null,
        step: 'verify',
        replicas,
        join: 'among',
        deadlineAt: within(SOON_MS),
      } as const;
      return attempt(bed.activities.verifyInstances, wish).result;
    };
    const shift = (ref: RunRef, weightBasisPoints: number, withinMs = SOON_MS) =>
      attempt(bed.activities.shiftTraffic, { ...ref, look: null, weightBasisPoints, deadlineAt: within(withinMs) })
        .result;
    const retire = (ref: RunRef, keep = 0) =>
      attempt(bed.activities.retireInstances, { ...ref, look: null, keep }).result;
    const hold = (ref: RunRef) => attempt(bed.activities.holdRequests, { ...ref, until: within(SOON_MS) }).result;
    const letGo = (ref: RunRef) => attempt(bed.activities.releaseRequests, ref).result;
    const promote = (ref: RunRef) => attempt(bed.activities.promoteRelease, { ...ref, look: null }).result;
    const undo = (ref: RunRef) => ({ ...ref, reason: 'a test', deadlineAt: within(SOON_MS) });
    const back = (ref: RunRef) => attempt(bed.activities.returnTraffic, undo(ref)).result;
    const remove = (ref: RunRef) => attempt(bed.activities.removeInstances, undo(ref)).result;

    /** Up to ready instances without traffic. */
    async function verified(version: string): Promise<RunRef> {
      const ref = await bed.run(version);
      await prepare(ref);
      for (const outcome of [await stage(ref), await verify(ref)]) expect(outcome.kind).toBe('done');
      return ref;
    }

    async function released(version: string): Promise<RunRef> {
      const ref = await verified(version);
      for (const outcome of [await shift(ref, 10_000), await retire(ref), await promote(ref)]) {
        expect(outcome.kind).toBe('done');
      }
      return ref;
    }

    describe('a release', () => {
      it('is given to a run once, above all before it, and knows what served before', async () => {
        const first = await bed.run('1.0.0');
        const one = await prepare(first);
        expect(one.before).toBeNull();
        expect(await prepare(first)).toEqual(one);
        for (const act of [stage, verify, promote]) await act(first);
        const two = await prepare(await bed.run('2.0.0'));
        expect(two.release).toBeGreaterThan(one.release);
        expect(two.generation).toBeGreaterThan(one.generation);
        expect(two.before).toMatchObject({ release: one.release, version: '1.0.0', replicas: REPLICAS.length });
        expect(two.address).toEqual(one.address);
      });

      it('is missed by what comes too early, by its code', async () => {
        const ref = await bed.run('1.0.0');
        for (const early of [stage(ref), verify(ref), shift(ref, 500), retire(ref), promote(ref)]) {
          expect(await codeOf(early)).toBe('RELEASE_OUTDATED');
        }
      });

      it('planned when nothing served is refused once something does, by its code', async () => {
        const late = await bed.run('2.0.0');
        await released('1.0.0');
        expect(await codeOf(prepare(late))).toBe('RELEASE_OUTDATED');
        expect(await bed.serving()).toEqual(['1.0.0']);
      });

      it('goes its whole way by values that are done and say so', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0');
        await prepare(ref);
        const outcomes: WatchedOutcome[] = [
          await attempt(bed.activities.pullImage, ref).result,
          await stage(ref),
          await verify(ref),
        ];
        expect(await bed.serving()).toEqual(['1.0.0']);
        outcomes.push(await shift(ref, 2_500));
        expect([...(await bed.serving())].sort()).toEqual(['1.0.0', '2.0.0']);
        outcomes.push(await shift(ref, 10_000), await retire(ref), await promote(ref));
        expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'done'));
        outcomes.forEach(expectPlain);
        expect(await bed.serving()).toEqual(['2.0.0']);
        expect(await bed.present()).toEqual(['2.0.0']);
      });

      it('may have each of its steps repeated', async () => {
        await released('1.0.0');
        const ref = await verified('2.0.0');
        for (const repeat of [stage, verify]) expect((await repeat(ref)).kind).toBe('done');
        await shift(ref, 10_000);
        expect(await shift(ref, 500)).toMatchObject({ kind: 'done', facts: { weightBasisPoints: 10_000 } });
        expect(await bed.serving()).toEqual(['2.0.0']);
        for (const repeat of [retire, retire, promote, promote]) expect((await repeat(ref)).kind).toBe('done');
        expect(await bed.present()).toEqual(['2.0.0']);
      });

      it('that is not ready is a value with evidence, and nobody reaches it', async () => {
        await released('1.0.0');
        bed.makeIll('2.0.0');
        const ref = await bed.run('2.0.0');
        await prepare(ref);
        expect((await stage(ref)).kind).toBe('done');
        const outcome = await verify(ref, SHORT_MS);
        expect(outcome).toMatchObject({ kind: 'unhealthy', evidence: expect.stringMatching(/^evd_/) as string });
        expectPlain(outcome);
        expect((await shift(ref, 500, SHORT_MS)).kind).toBe('unhealthy');
        expect(await bed.serving()).toEqual(['1.0.0']);
      });

      it('of which nothing was started is not ready', async () => {
        const ref = await bed.run('1.0.0');
        await prepare(ref);
        const outcome = await verify(ref, SHORT_MS);
        expect(outcome.kind).toBe('unhealthy');
        expectPlain(outcome);
      });

      it('holds requests and lets them go, as often as it is told', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0');
        await prepare(ref);
        for (const [act, isHolding] of [
          [hold, true],
          [hold, true],
          [letGo, false],
          [letGo, false],
        ] as const) {
          expect((await act(ref)).kind).toBe('done');
          expect(await bed.isHolding()).toBe(isHolding);
        }
      });

      it('whose instances join those in use gets traffic by that', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0', ROLLING);
        const { arm, before } = await prepare(ref);
        expect(arm).toBe(before?.arm);
        await stage(ref, [1]);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect((await joinAmong(ref, [1])).kind).toBe('done');
        expect((await retire(ref, 1)).kind).toBe('done');
        expect([...(await bed.serving())].sort()).toEqual(['1.0.0', '2.0.0']);
        await stage(ref, [2]);
        for (const outcome of [await joinAmong(ref, [2]), await retire(ref), await promote(ref)]) {
          expect(outcome.kind).toBe('done');
        }
        expect(await bed.serving()).toEqual(['2.0.0']);
        expect(await bed.present()).toEqual(['2.0.0']);
      });
    });

    describe('the way back', () => {
      it('of what never happened is nothing', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0');
        for (const undone of [await back(ref), await remove(ref)]) {
          expect(undone.left).toBe(0);
          expectPlain(undone);
        }
        expect(await bed.serving()).toEqual(['1.0.0']);
      });

      it('makes the version before serve, and takes away what the run made', async () => {
        await released('1.0.0');
        const ref = await verified('2.0.0');
        await shift(ref, 2_500);
        expect((await back(ref)).left).toBe(0);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect((await remove(ref)).left).toBe(0);
        expect(await bed.present()).toEqual(['1.0.0']);
      });

      it('starts the version before again when it is gone', async () => {
        await released('1.0.0');
        const ref = await released('2.0.0');
        expect(await bed.present()).toEqual(['2.0.0']);
        expect((await back(ref)).left).toBe(0);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect((await remove(ref)).left).toBe(0);
        expect(await bed.present()).toEqual(['1.0.0']);
        expect(await prepare(await bed.run('3.0.0'))).toMatchObject({ before: { version: '1.0.0' } });
      });

      it('takes traffic from instances that joined those in use', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0', ROLLING);
        await prepare(ref);
        await stage(ref, [1]);
        await joinAmong(ref, [1]);
        await retire(ref, 1);
        expect((await back(ref)).left).toBe(0);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect((await remove(ref)).left).toBe(0);
        expect(await bed.present()).toEqual(['1.0.0']);
      });

      it('of versions that take turns removes the new one before the old one comes', async () => {
        await released('1.0.0');
        const ref = await bed.run('2.0.0', { kind: 'recreate' });
        await prepare(ref);
        for (const act of [hold, retire, stage, verify]) expect((await act(ref)).kind).toBe('done');
        await shift(ref, 10_000);
        expect((await remove(ref)).left).toBe(0);
        expect(await bed.present()).toEqual([]);
        expect((await back(ref)).left).toBe(0);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect(await bed.isHolding()).toBe(false);
      });

      it('may be gone again', async () => {
        await released('1.0.0');
        const ref = await verified('2.0.0');
        await shift(ref, 10_000);
        for (const again of [back, back, remove, remove]) expect((await again(ref)).left).toBe(0);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect(await bed.present()).toEqual(['1.0.0']);
      });

      it('of a first release leaves nothing', async () => {
        const ref = await verified('1.0.0');
        await shift(ref, 10_000);
        for (const undone of [await back(ref), await remove(ref)]) expect(undone.left).toBe(0);
        expect(await bed.present()).toEqual([]);
        expect(await bed.serving()).toEqual([]);
      });

      it('of a first release that is stable leaves nothing to come back to', async () => {
        const ref = await released('1.0.0');
        for (const undone of [await back(ref), await remove(ref)]) expect(undone.left).toBe(0);
        expect(await bed.present()).toEqual([]);
        expect(await bed.serving()).toEqual([]);
        expect(await prepare(await bed.run('2.0.0'))).toMatchObject({ before: null });
      });

      it('says how many of the version before are missing, and leaves what serves alone', async () => {
        await released('1.0.0');
        const ref = await released('2.0.0');
        bed.makeIll('1.0.0');
        const undone = await attempt(bed.activities.returnTraffic, { ...undo(ref), deadlineAt: within(SHORT_MS) })
          .result;
        expect(undone.left).toBe(REPLICAS.length);
        expect((await remove(ref)).left).toBe(REPLICAS.length);
        expect(await bed.serving()).toEqual(['2.0.0']);
      });
    });

    describe('an effect that looks before it begins', () => {
      const shiftAfter = (ref: RunRef, look: WatchPlan) =>
        attempt(bed.activities.shiftTraffic, { ...ref, look, weightBasisPoints: 500, deadlineAt: within(SOON_MS) })
          .result;
      const retireAfter = (ref: RunRef, look: WatchPlan) =>
        attempt(bed.activities.retireInstances, { ...ref, look, keep: 0 }).result;
      const promoteAfter = (ref: RunRef, look: WatchPlan) =>
        attempt(bed.activities.promoteRelease, { ...ref, look }).result;

      it.each([
        ['finds a breach', watching(ILL), { kind: 'breach', breach: { kind: 'unhealthy', criterion: 'health-check' } }],
        ['sees nothing', watching(BLIND), { kind: 'unseen', why: expect.stringContaining('NOBODY_SETS_IT') as string }],
      ])('does nothing and says so when it %s', async (_what, look, answer) => {
        await released('1.0.0');
        const ref = await verified('2.0.0');
        for (const act of [shiftAfter, retireAfter, promoteAfter]) expect(await act(ref, look)).toMatchObject(answer);
        expect(await bed.serving()).toEqual(['1.0.0']);
        expect([...(await bed.present())].sort()).toEqual(['1.0.0', '2.0.0']);
        expect(await prepare(await bed.run('3.0.0'))).toMatchObject({ before: { version: '1.0.0' } });
      });

      it('goes on when all is well', async () => {
        await released('1.0.0');
        const ref = await verified('2.0.0');
        expect((await shiftAfter(ref, watching())).kind).toBe('done');
        expect([...(await bed.serving())].sort()).toEqual(['1.0.0', '2.0.0']);
      });
    });

    it('a run that a later one has replaced is refused by its code', async () => {
      await released('1.0.0');
      const older = await verified('2.0.0');
      await prepare(await bed.run('3.0.0'));
      for (const act of [prepare, stage, verify, retire, promote, back, remove]) {
        expect(await codeOf(act(older))).toBe('RELEASE_FENCED');
      }
      expect(await codeOf(shift(older, 10_000))).toBe('RELEASE_FENCED');
      expect(await bed.serving()).toEqual(['1.0.0']);
    });
  });
}
