import { describe, expect, it } from 'vitest';
import { planReleaseSeed, SCENARIOS, STRATEGIES, versionFor } from '../../crash/releases/seed-plan.ts';
import { judgeProbes, judgeShares } from '../../support/crash/releases/judge-traffic.ts';
import { sharesOf } from '../../support/crash/releases/traffic-watch.ts';

const plans = Array.from({ length: 100 }, (_, at) => planReleaseSeed(at + 1));

describe('a seed of releases', () => {
  it('is the same every time', () => {
    expect(planReleaseSeed(17)).toEqual(planReleaseSeed(17));
  });

  it('shows every scenario and every strategy among the first five, and each pair among the first 25', () => {
    const few = plans.slice(0, SCENARIOS.length);
    expect(new Set(few.map(({ scenario }) => scenario))).toEqual(new Set(SCENARIOS));
    const pairs = plans.slice(0, 25).map(({ scenario, strategy }) => `${scenario} ${strategy}`);
    // An immediate release that is to be told something is a blue-green one.
    expect(new Set(pairs).size).toBe(SCENARIOS.length * (STRATEGIES.length - 1) + 1);
  });

  it('kills one to four, each victim for certain in turn', () => {
    for (const { kills } of plans) expect(kills.length).toBeGreaterThanOrEqual(1);
    for (const { kills } of plans) expect(kills.length).toBeLessThanOrEqual(4);
    expect(new Set(plans.slice(0, 7).map(({ kills }) => kills[0]?.victim)).size).toBe(7);
  });

  it('brings out the bad version only where it is to be taken back', () => {
    const [good, bad] = [planReleaseSeed(1), planReleaseSeed(2)];
    expect([good.scenario, versionFor(good, '1.0.0'), versionFor(good, '1.1.0')]).toEqual([
      'completes',
      '1.1.0',
      '1.0.0',
    ]);
    expect([bad.scenario, versionFor(bad, '1.1.0')]).toEqual(['breach', '1.2.0']);
  });
});

describe('what clients saw', () => {
  const answered = { atMs: 100, endedAtMs: 110, failure: null };

  it('is fine while everybody is answered, and when the router’s death cut a request', () => {
    const cut = { atMs: 190, endedAtMs: 201, failure: 'ECONNRESET' };
    expect(judgeProbes([answered, cut], [{ fromMs: 200, untilMs: 300 }])).toEqual([]);
  });

  it('is a problem when a request failed while the router lived, or when nobody asked', () => {
    const failed = { atMs: 301, endedAtMs: 302, failure: '503 from the router' };
    expect(judgeProbes([answered, failed], [{ fromMs: 200, untilMs: 300 }])).toEqual([
      expect.stringContaining('1 of 2 requests failed'),
    ]);
    expect(judgeProbes([], [])).not.toEqual([]);
  });
});

describe('the share of a new version', () => {
  const at = (atMs: number, share: number) => ({
    atMs,
    byRelease: new Map([
      [1, 10_000 - share],
      [2, share],
    ]),
  });

  it('may only rise until its way back begins', () => {
    const shares = [at(1, 0), at(2, 1_000), at(3, 5_000), at(4, 0)];
    expect(judgeShares(shares, 2, 4)).toEqual([]);
    expect(judgeShares(shares, 2, 5)).toEqual([expect.stringContaining('from 5000 to 0')]);
  });

  it('is that of its arm, parted among those that are ready', () => {
    const member = (name: string, arm: 'a' | 'b', state: 'ready' | 'maint' = 'ready') => ({
      ...{ name, arm, state, host: '10.0.0.1', port: 8080, weight: 100, up: true, inFlight: 0 },
      counters: { requests: 0, answers5xx: 0, failures: 0, responseTimeMs: 0 },
    });
    const route = { key: 'e.s', stableArm: 'a', canaryBasisPoints: 2_000, heldRequests: 0, isHolding: false } as const;
    const apart = [member('e.s-1-1', 'a'), member('e.s-2-1', 'b'), member('e.s-2-2', 'b', 'maint')];
    expect(sharesOf({ ...route, members: apart })).toEqual(
      new Map([
        [1, 8_000],
        [2, 2_000],
      ]),
    );
    const together = [member('e.s-1-1', 'a'), member('e.s-2-1', 'a')];
    expect(sharesOf({ ...route, canaryBasisPoints: 0, members: together })).toEqual(
      new Map([
        [1, 5_000],
        [2, 5_000],
      ]),
    );
  });
});
