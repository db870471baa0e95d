import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Notice } from '#domain/fleet/job-execution-answer.ts';
import { OfferAnnouncer } from '../../../client/devices/gateway/offer-announcer.ts';
import { OfferRounds } from '../../../client/devices/gateway/offer-rounds.ts';
import { OfferWindow } from '../../../client/devices/gateway/offer-window.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';
import { jobInfo, NOW_MS, startNext } from '../../support/gateway/executions.ts';

describe('the window', () => {
  it('has room again when things begin, or when their lease is over', () => {
    const window = new OfferWindow(1_000);
    window.take(['a', 'b', 'c'], 0);
    window.free('b');
    window.free('b');
    window.take(['a'], 500);
    const sizeAt = (nowMs: number) => {
      window.expire(nowMs);
      return window.size;
    };
    expect([999, 1_000, 1_499, 1_500].map(sizeAt)).toEqual([2, 1, 1, 0]);
  });

  it('is empty after a lost broker', () => {
    const window = new OfferWindow(1_000);
    window.take(['a', 'b'], 0);
    window.reset();
    expect(window.size).toBe(0);
  });
});

describe('rounds', () => {
  it('come at once, after 10 s, 20 s, 40 s …, at last every 10 minutes', () => {
    const rounds = new OfferRounds();
    expect(rounds.isDue(0)).toBe(true);
    const waits = Array.from({ length: 8 }, () => {
      rounds.ended(0);
      return [...Array(601).keys()].find((second) => rounds.isDue(second * 1_000));
    });
    expect(waits).toEqual([10, 20, 40, 80, 160, 320, 600, 600]);
  });

  it('come soon again after a release, and at once after a lost broker', () => {
    const rounds = new OfferRounds();
    for (let round = 0; round < 5; round += 1) rounds.ended(0);
    rounds.released(1_000);
    expect(rounds.isDue(10_999)).toBe(false);
    expect(rounds.isDue(11_000)).toBe(true);
    rounds.ended(11_000);
    rounds.dueNow();
    expect(rounds.isDue(11_000)).toBe(true);
  });
});

describe('rounds while nothing is queued', () => {
  it('are not due before 10 s after the first release', () => {
    const rounds = new OfferRounds();
    rounds.nothingIsQueued();
    expect(rounds.isDue(1e12)).toBe(false);
    rounds.released(5_000);
    rounds.released(6_000);
    expect(rounds.isDue(14_999)).toBe(false);
    expect(rounds.isDue(15_000)).toBe(true);
  });
});

describe('announcements', () => {
  const store = () => {
    const made = new MemoryJobStore();
    made.addJob(jobInfo(1));
    return made;
  };
  let jobs = store();
  let told: Notice[] = [];
  let announcer: OfferAnnouncer;
  let backlog = 0;
  /** How often the loop asked whether requests wait: it does so before it announces anything. */
  let looks = 0;
  const looksOnce = async () => {
    const before = looks;
    // The second look begins after all that the first one led to.
    await eventually(() => {
      announcer.look();
      expect(looks).toBeGreaterThan(before + 1);
    });
  };
  const toldNext = () => told.filter(({ topic }) => topic === 'notify-next').map(({ thing }) => thing);
  const things = (count: number, prefix = 't') => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const begin = async (thing: string) => {
    await jobs.applyBatch(0, [startNext({ thing })], Date.now());
    announcer.begun(thing);
  };

  beforeEach(() => {
    jobs = store();
    told = [];
    backlog = 0;
    looks = 0;
    announcer = new OfferAnnouncer({
      store: jobs,
      // It stands still: no lease ends, however long a test is held up.
      now: () => NOW_MS,
      backlog: () => {
        looks += 1;
        return backlog;
      },
      publish: (notices) => told.push(...notices),
      onError: (error) => expect.fail(String(error)),
      onReleasesRead: () => undefined,
    });
  });
  afterEach(() => announcer.stop());

  it('reach what was queued before the start, and each release once', async () => {
    jobs.release(1, ['old'], Date.now());
    announcer.start();
    await eventually(() => expect(toldNext()).toEqual(['old']));
    jobs.release(1, ['new'], Date.now());
    announcer.look();
    await eventually(() => expect(toldNext()).toEqual(['old', 'new']));
    expect(announcer.inFlight).toBe(2);
  });

  it('stop at 1,000 things that did not begin, and go on when they do', async () => {
    announcer.start();
    await looksOnce();
    jobs.release(1, things(1_300), Date.now());
    announcer.look();
    await eventually(() => expect(toldNext()).toHaveLength(1_000));
    await looksOnce();
    expect(toldNext()).toHaveLength(1_000);
    for (const thing of things(400)) await begin(thing);
    await eventually(() => expect(new Set(toldNext()).size).toBe(1_300));
  });

  it('wait while as many requests wait for their answers', async () => {
    backlog = 960;
    jobs.release(1, ['a'], Date.now());
    announcer.start();
    await looksOnce();
    expect(told).toEqual([]);
    backlog = 700;
    announcer.begun('x');
    await eventually(() => expect(toldNext()).toEqual(['a']));
  });

  it('are made again for all that is queued when the broker comes back', async () => {
    jobs.release(1, things(5), Date.now());
    announcer.start();
    await eventually(() => expect(toldNext()).toHaveLength(5));
    await begin('t0');
    announcer.start();
    await eventually(() => expect(toldNext()).toHaveLength(9));
  });

  it('are made when a held queue opens', async () => {
    jobs.setJobStatus(1, 'held');
    jobs.release(1, ['a'], Date.now());
    announcer.start();
    await looksOnce();
    expect(told).toEqual([]);
    jobs.setJobStatus(1, 'open');
    announcer.look();
    await eventually(() => expect(toldNext()).toEqual(['a']));
  });

  it('are not made again a moment later to things that had no time to begin', async () => {
    jobs.addJob(jobInfo(2));
    jobs.setJobStatus(2, 'held');
    jobs.release(1, ['a'], Date.now());
    jobs.release(2, ['b'], Date.now());
    announcer.start();
    await eventually(() => expect(toldNext()).toEqual(['a']));
    await looksOnce();
    jobs.setJobStatus(2, 'open');
    announcer.look();
    await eventually(() => expect(toldNext()).toContain('b'));
    expect(toldNext()).toEqual(['a', 'b']);
  });

  it('are not looked for among all that is queued when nothing was before the start', async () => {
    const isAtRest = new Promise((resolve) => {
      vi.spyOn(jobs, 'openQueues').mockImplementationOnce(async () => {
        setImmediate(resolve);
        return [];
      });
    });
    announcer.start();
    await isAtRest;
    const pages = vi.spyOn(jobs, 'queuedPage');
    jobs.release(1, things(3), Date.now());
    announcer.look();
    await eventually(() => expect(toldNext()).toHaveLength(3));
    await looksOnce();
    expect(pages).not.toHaveBeenCalled();
  });
});
