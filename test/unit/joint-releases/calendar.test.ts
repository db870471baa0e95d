import { describe, expect, it } from 'vitest';
import type { JointReleaseRow, JointRun } from '../../../activities/adapters/postgres/joint-releases.ts';
import { byDay, type CalendarEntry } from '../../../client/engine/joint-releases/release-calendar.ts';
import { releaseMarkdown } from '../../../client/engine/joint-releases/release-markdown.ts';
import { metricsOf, spanOf, stateOf } from '../../../client/engine/joint-releases/release-standing.ts';
import { renderCalendar } from '../../../client/cli/render/joint-release.ts';
import { renderJointWayBack, renderOrder } from '../../../client/cli/render/joint-release-sections.ts';
import type { RunId } from '#domain/ids.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { MemberView, RunView } from '#domain/run/run-view.ts';
import { aJointPlan } from '../../support/runs/joint-plan-builder.ts';

const RUN = 'exe_1' as RunId;

function release(over: Partial<JointReleaseRow> = {}, plan: Partial<JointPlan> = {}): JointReleaseRow {
  const joint = aJointPlan({ plan });
  return {
    planId: joint.planId,
    digest: 'd'.repeat(64),
    name: joint.release.name,
    environment: 'production',
    createdAt: '2026-03-01T00:00:00.000Z',
    plan: joint,
    calledOff: null,
    run: null,
    ...over,
  };
}

const run = (over: Partial<JointRun> = {}): JointRun => ({
  run: RUN,
  phase: 'completed',
  closed: true,
  view: null,
  startedBy: 'lin',
  startedAt: '2026-03-20T20:00:00.000Z',
  completedAt: '2026-03-20T20:30:00.000Z',
  ...over,
});

describe('when a release goes out', () => {
  const schedule = { startAt: '2026-03-20T22:00:00.000Z', durationMs: 3_600_000 };

  it('is what its schedule says before it is started', () => {
    expect(spanOf(release({}, { schedule }))).toEqual(schedule);
    expect(spanOf(release())).toEqual({ startAt: null, durationMs: null });
  });

  it('is what its run took once it is over', () => {
    expect(spanOf(release({ run: run() }))).toEqual({ startAt: '2026-03-20T20:00:00.000Z', durationMs: 1_800_000 });
  });

  it('is when its window opens while it waits for it', () => {
    const state = {
      phase: 'waiting-for-window',
      since: '',
      opensAt: '2026-03-21T01:00:00.000Z',
      heldBy: 'window',
      reason: '',
    };
    const waiting = run({ closed: false, completedAt: null, view: { state } as RunView });
    expect(spanOf(release({ run: waiting })).startAt).toBe('2026-03-21T01:00:00.000Z');
  });
});

describe('the calendar', () => {
  const entry = (name: string, startAt: string | null, timezone = 'UTC'): CalendarEntry => ({
    release: release({ name }),
    startAt,
    durationMs: 3_600_000,
    timezone,
  });

  it('puts each release on the day of its environment’s clock, in order, those without a time last', () => {
    const days = byDay([
      entry('none', null),
      entry('late', '2026-03-20T23:30:00.000Z', 'Europe/Berlin'),
      entry('early', '2026-03-20T08:00:00.000Z'),
    ]);
    expect(days.map(({ day, entries }) => [day, entries.map((one) => one.release.name)])).toEqual([
      ['2026-03-20', ['early']],
      ['2026-03-21', ['late']],
      [null, ['none']],
    ]);
  });

  it('tells start and duration', () => {
    const text = renderCalendar(byDay([entry('v1', '2026-03-20T23:30:00.000Z', 'Europe/Berlin')]));
    expect(text).toBe('2026-03-21\n  00:30 CET  1 h  v1  production  planned  4 applications');
  });
});

describe('the state of a release', () => {
  it('is that of its last run, or that it was not started, or called off', () => {
    const calledOff = { by: 'ada', at: '2026-03-01T00:00:00.000Z', reason: 'no' };
    expect([release(), release({ calledOff }), release({ run: run() })].map(stateOf)).toEqual([
      'planned',
      'called-off',
      'completed',
    ]);
  });

  it('counts in what releases are measured by', () => {
    const of = (phase: JointRun['phase']) => release({ run: run({ phase }) });
    const all = [of('completed'), of('completed'), of('rolled-back'), of('cancelled'), release()];
    expect(metricsOf(all)).toEqual({ releaseTimeMs: 1_800_000, successPercent: 50, rollbackPercent: 25 });
    expect(metricsOf([release()])).toEqual({ releaseTimeMs: null, successPercent: null, rollbackPercent: null });
  });
});

describe('the notes of a release', () => {
  it('say what each application comes from and goes to, the notes, and the result', () => {
    const members: MemberView[] = aJointPlan().members.map(({ application, version, wave }) => {
      return { application, version, wave, state: 'taken-back', run: RUN, back: null, detail: 'a|b' };
    });
    const view = { members, state: { phase: 'rolled-back', since: '', reason: 'web\nfailed' } } as unknown as RunView;
    const text = releaseMarkdown(release({ run: run({ phase: 'rolled-back', view }) }, { notes: 'Pay **first**.\n' }));
    expect(text).toContain('# Release v1.2.3 → production');
    expect(text).toContain('- state: **rolled-back**: web failed');
    expect(text).toContain('| 1 | api | 1.0.0 | 2.0.0 | taken back: a\\|b |');
    expect(text).toMatch(/ended 2026-03-20T20:30:00\.000Z after 30 min/);
    expect(text.endsWith('## Notes\n\nPay **first**.')).toBe(true);
  });
});

describe('the diagram of the order', () => {
  it('has a column for each wave and marks what is critical', () => {
    const { members } = aJointPlan({ waves: [['api'], ['web', 'worker']] });
    const marked = members.map((one) => (one.application === 'web' ? { ...one, critical: true } : one));
    expect(renderOrder(marked).split('\n')).toEqual([
      'wave 1        wave 2',
      'api 2.0.0  →  web 2.0.0 *',
      '              worker 2.0.0',
      '* critical',
    ]);
  });

  it('is read backwards by the way back, which names what would stay', () => {
    const plan = aJointPlan({ waves: [['api'], ['web']] });
    const first = plan.members.map((one) => (one.application === 'api' ? { ...one, before: null } : one));
    expect(renderJointWayBack(plan)).toContain('web 1.0.0 → api 1.0.0');
    expect(renderJointWayBack({ ...plan, members: first })).toContain('! api would stay: nothing was in use before');
  });
});
