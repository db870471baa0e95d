import { describe, expect, it } from 'vitest';
import type { RunEnd, StoppedRun } from '#domain/emergency/emergency.ts';
import { leftOf, planWaysBack, type StableRelease, type Standing } from '#domain/emergency/plan-ways-back.ts';

const at = (hour: number): string => `2026-01-01T${String(hour).padStart(2, '0')}:00:00.000Z`;

/** Releases of one application in the order in which they became stable; the last one is in use. */
const history = (
  application: string,
  versions: readonly string[],
  dependsOn: readonly string[] = [],
): StableRelease[] =>
  versions
    .map((version, index): StableRelease => {
      const state = index === versions.length - 1 ? 'stable' : 'retired';
      return { application, release: index + 1, version, state, stableAt: at(index + 1), likeness: version, dependsOn };
    })
    .reverse();

const run = (name: string, end: RunEnd, version = '9.0.0', kind: 'application' | 'firmware' = 'application') =>
  ({
    run: `exe_${name}`,
    subject: { kind, name, version },
    release: 9,
    end,
    phase: 'failed',
    reason: '',
  }) as StoppedRun;

const plan = (over: Partial<Standing>) => planWaysBack({ to: null, releases: [], runs: [], rollout: null, ...over });
const goes = (over: Partial<Standing>): Record<string, string> =>
  Object.fromEntries(plan(over).ways.map(({ application, to }) => [application, to.version]));
const stays = (over: Partial<Standing>): Record<string, string> =>
  Object.fromEntries(plan(over).settled.map(({ application, state }) => [application, state]));

describe('without a moment', () => {
  it('each application goes to the stable release before', () => {
    const releases = [...history('shop', ['1.0', '1.1', '1.2']), ...history('mail', ['3.0', '3.1'])];
    expect(goes({ releases })).toEqual({ mail: '3.0', shop: '1.1' });
  });

  it('an application whose run was rolled back is where that run went back to', () => {
    const facts = { releases: history('shop', ['1.0', '1.1']), runs: [run('shop', 'rolled-back', '1.2')] };
    expect(plan(facts).ways).toEqual([]);
    expect(plan(facts).settled).toEqual([
      expect.objectContaining({
        ...{ application: 'shop', state: 'back', run: 'exe_shop' },
        ...{ from: { release: 9, version: '1.2' }, to: { release: 2, version: '1.1' } },
      }),
    ]);
  });

  it('a run that had not begun, or was completed just before, changes nothing about that', () => {
    const releases = history('shop', ['1.0', '1.1']);
    for (const end of ['cancelled', 'completed'] as const) {
      expect(goes({ releases, runs: [run('shop', end)] })).toEqual({ shop: '1.0' });
    }
  });

  it('a run that was cut short is taken back by another one, to what it would have gone back to', () => {
    expect(goes({ releases: history('shop', ['1.0', '1.1']), runs: [run('shop', 'incomplete')] })).toEqual({
      shop: '1.1',
    });
  });

  it('an application without an earlier release is left, with what to do', () => {
    const facts = { releases: history('shop', ['1.0']) };
    expect(stays(facts)).toEqual({ shop: 'left' });
    const [back] = plan(facts).settled;
    expect(back && leftOf(back, 'production')).toMatchObject({
      what: 'shop',
      why: 'there is no stable release before 1.0',
    });
  });

  it('an application whose run does not stop waits for it', () => {
    expect(stays({ releases: history('shop', ['1.0', '1.1']), runs: [run('shop', 'open')] })).toEqual({
      shop: 'waiting',
    });
  });

  it('never goes forward again to what a rollback left', () => {
    expect(goes({ releases: history('shop', ['1.0', '1.1', '1.2', '1.1']) })).toEqual({ shop: '1.0' });
    expect(stays({ releases: history('shop', ['1.0', '1.1', '1.0']) })).toEqual({ shop: 'left' });
  });

  it('an application that was on its way for the first time is gone again, and another one could not be', () => {
    expect(stays({ runs: [run('shop', 'rolled-back')] })).toEqual({ shop: 'back' });
    expect(stays({ runs: [run('shop', 'incomplete')] })).toEqual({ shop: 'failed' });
  });
});

describe('to a moment', () => {
  const releases = [...history('shop', ['1.0', '1.1', '1.2', '1.3']), ...history('mail', ['3.0'])];

  it('goes to what was stable then, and leaves alone what has not changed since', () => {
    expect(goes({ releases, to: at(2) })).toEqual({ shop: '1.1' });
    expect(stays({ releases, to: at(2) })).toEqual({ mail: 'unchanged' });
  });

  it('leaves what was not there then', () => {
    const facts = { releases: history('shop', ['1.0', '1.1']), to: at(0) };
    expect(stays(facts)).toEqual({ shop: 'left' });
  });

  it('counts from where the rolled back run returned to', () => {
    const facts = { releases: history('shop', ['1.0', '1.1']), runs: [run('shop', 'rolled-back')] };
    expect(goes({ ...facts, to: at(1) })).toEqual({ shop: '1.0' });
    expect(stays({ ...facts, to: at(3) })).toEqual({ shop: 'unchanged' });
  });
});

it('goes back in reverse order of the dependencies, as they are in use', () => {
  const releases = [
    ...history('db', ['1', '2']),
    ...history('api', ['1', '2'], ['db']),
    ...history('web', ['1', '2'], ['api']),
  ];
  expect(plan({ releases }).ways.map(({ application, after }) => [application, after])).toEqual([
    ['web', []],
    ['api', ['web']],
    ['db', ['api', 'web']],
  ]);
});

describe('the last rollout to devices', () => {
  const subject = { kind: 'firmware', name: 'edge', version: '1.1.0' } as const;
  const rollout = { run: 'exe_edge', subject, completedAt: at(5) };

  it('is named when it is completed: no run takes it back', () => {
    expect(plan({ rollout }).left).toMatchObject([{ what: 'edge 1.1.0 (exe_edge)' }]);
  });

  it('is not meant when an open one was taken back, or it was completed by the moment', () => {
    expect(plan({ rollout, runs: [run('edge', 'rolled-back', '1.2.0', 'firmware')] }).left).toEqual([]);
    expect(plan({ rollout, to: at(6) }).left).toEqual([]);
    expect(plan({ rollout, to: at(4) }).left).toHaveLength(1);
  });
});
