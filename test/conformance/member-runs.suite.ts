// What a release of several applications counts on of whoever starts its members, tried on the real one and on the fake.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberRuns } from '#domain/ports/member.port.ts';

/** Member runs of one application, `api`, which has had a version before. */
export interface MemberBed {
  readonly runs: MemberRuns;
  /** A plan of the next version; its runs stay open until `complete`. */
  plan(): Promise<{ readonly planId: string; readonly digest: string }>;
  /** Lets the open run end well, in the place of the version before. */
  complete(run: string): Promise<void>;
  close(): Promise<void>;
}

const partOf = { release: 'exe_release', name: 'v1', by: 'lin', verified: false };
const wish = { partOf, priority: 'normal', decisions: [] } as const;

export function memberRunsConformance(name: string, open: () => Promise<MemberBed>): void {
  describe(name, () => {
    let bed: MemberBed;
    beforeAll(async () => void (bed = await open()));
    afterAll(() => bed.close());

    it('starts a run once, however often it is asked, and has no end of it while it is open', async () => {
      const plan = await bed.plan();
      expect(await bed.runs.start({ ...wish, ...plan, run: 'exe_C1' })).toEqual({ kind: 'started' });
      expect(await bed.runs.start({ ...wish, ...plan, run: 'exe_C1' })).toEqual({ kind: 'started' });
      expect(await bed.runs.end('exe_C1')).toBeNull();
      await bed.complete('exe_C1');
      expect(await bed.runs.end('exe_C1')).toMatchObject({ phase: 'completed', mayStand: false });
    });

    it('begins nothing after a stop that came before the start', async () => {
      const plan = await bed.plan();
      const stop = { run: 'exe_C2', planId: plan.planId, partOf, reason: 'no', everyMs: 1 };
      expect(await bed.runs.stop(stop)).toEqual({ kind: 'never-started' });
      expect(await bed.runs.start({ ...wish, ...plan, run: 'exe_C2' })).toMatchObject({ kind: 'refused' });
    });

    it('leaves a completed run to be brought back, by one run however often it is asked', async () => {
      const plan = await bed.plan();
      await bed.runs.start({ ...wish, ...plan, run: 'exe_C3' });
      await bed.complete('exe_C3');
      const stop = { run: 'exe_C3', planId: plan.planId, partOf, reason: 'no', everyMs: 1 };
      expect(await bed.runs.stop(stop)).toMatchObject({ kind: 'ended', end: { phase: 'completed' } });
      const back = { run: 'exe_C4', member: 'exe_C3', partOf, reason: 'no' };
      const first = await bed.runs.bringBack(back);
      expect(first).toMatchObject({ kind: 'started' });
      expect(await bed.runs.bringBack(back)).toEqual(first);
    });
  });
}
