import { describe, expect, it } from 'vitest';
import { diffDocument } from '../../../client/engine/runs/diff-document.ts';
import type { ComparedRun } from '../../../client/engine/runs/diff-results.ts';
import { diffRuns, type RunDiff } from '../../../client/engine/runs/diff-runs.ts';
import { diffValues, type Difference } from '../../../client/engine/runs/diff-values.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { aReleasePlan, CANARY_RELEASE } from '../../support/runs/container-plan-builder.ts';
import { after, completed, journal, NOW, OTHER, other, rolledBack } from './compared-runs.ts';
import { PLAN, RUN, rowOf, statusOf, viewOf } from './sample-run.ts';

const planned = (over: Partial<FleetPlan>): FleetPlan => ({ ...PLAN, ...over });
const diff = (a: ComparedRun, b: ComparedRun): RunDiff => diffRuns(a, b, NOW);
const paths = ({ differences }: { differences: readonly Difference[] }): string[] =>
  differences.map(({ path }) => path);
const EQUAL = expect.objectContaining({ differences: [] }) as unknown;

describe('two runs of one plan with the same course', () => {
  it('differ in nothing but their names', () => {
    const found = diff(completed(), other());
    expect(found).toMatchObject({ isSameRun: false, isSameKind: true, notCompared: { a: [], b: [] } });
    expect(found).toMatchObject({ plan: EQUAL, delivered: EQUAL, configuration: EQUAL, results: EQUAL });
    expect(found.plan.equal).toBeGreaterThan(8);
  });
});

describe('a run held against itself', () => {
  it('is known as the same one, and differs in nothing', () => {
    const found = diff(completed(), completed());
    expect(found).toMatchObject({ isSameRun: true, plan: EQUAL, configuration: EQUAL, results: EQUAL });
    expect(diffDocument(found)).toMatchObject({ same_run: true, a: { execution_id: RUN }, b: { execution_id: RUN } });
    expect(found.durations.whole.differenceMs).toBe(0);
  });
});

describe('plans', () => {
  it('are told by name, author, environment and strategy', () => {
    const b = planned({
      name: 'Night Rollout',
      author: 'lin',
      environment: { ...PLAN.environment, name: 'staging' },
      strategy: { kind: 'immediate', upToPercent: 100 },
    });
    expect(paths(diff(completed(), other(b)).plan)).toEqual(['name', 'author', 'environment', 'strategy']);
  });

  it('tell a changed step in words, and each of its settings in the configuration', () => {
    const steps = PLAN.steps.map((step) => (step.kind === 'bake' ? { ...step, durationMs: 60_000 } : step));
    const { plan, configuration } = diff(completed(), other(planned({ steps })));
    expect(plan.differences[0]).toEqual({
      path: 'steps.bake-1',
      change: 'changed',
      a: 'bake 30 min after wave 1',
      b: 'bake 1 min after wave 1',
    });
    expect(paths(configuration)).toEqual(['steps[bake-1].durationMs', 'steps[bake-2].durationMs']);
  });

  it('tell a step that only one of them has once', () => {
    const { plan, configuration } = diff(completed(), other(planned({ steps: PLAN.steps.slice(1) })));
    expect(plan.differences).toEqual([
      { path: 'steps.approve-1', change: 'only-a', a: 'approval of wave 1 (10 %) (2 of role approver)' },
    ]);
    expect(configuration).toEqual(EQUAL);
  });

  it('tell the same steps in another order', () => {
    const { plan } = diff(completed(), other(planned({ steps: PLAN.steps.toReversed() })));
    expect(paths(plan)).toEqual(['order_of_common_steps']);
  });
});

describe('what is delivered', () => {
  it('is told with version and digest of firmware', () => {
    const firmware = { ...PLAN.firmware, version: '1.3.0', sha256: 'f'.repeat(64) as typeof PLAN.firmware.sha256 };
    const { delivered, configuration } = diff(completed(), other(planned({ firmware })));
    expect(delivered.differences).toEqual([
      { path: 'version', change: 'changed', a: '1.2.0', b: '1.3.0' },
      { path: 'digest', change: 'changed', a: `sha256:${PLAN.firmware.sha256}`, b: `sha256:${'f'.repeat(64)}` },
    ]);
    expect(configuration).toEqual(EQUAL);
  });

  it('is told with reference and digest of images, and with what it replaces', () => {
    const base = aReleasePlan();
    const image = { ...base.application.image, digest: 'sha256:e', image: 'r/shop@sha256:e' };
    const container = { ...base.application.container, image: image.image };
    const application = { ...base.application, version: '2.1.0', image, container };
    const present = { release: 2, version: '2.0.0', digest: base.application.image.digest, replicas: 2 };
    const { delivered, configuration } = diff(completed({ plan: base }), other({ ...base, application, present }));
    const replaced = ['replaces.release', 'replaces.version', 'replaces.digest'];
    expect(paths(delivered)).toEqual(['version', 'digest', 'image', ...replaced]);
    expect(configuration).toEqual(EQUAL);
  });
});

describe('the configuration', () => {
  it('is told path by path, as the plan itself names it', () => {
    const criteria = { ...PLAN.watch.criteria, maxFailureRatePercent: 5 };
    const b = planned({
      watch: { ...PLAN.watch, criteria, healthChecks: [] },
      strategy: { kind: 'canary', percentages: [20, 100] },
      environment: { ...PLAN.environment, autoRollback: false },
    });
    const found = paths(diff(completed(), other(b)).configuration);
    expect(found).toEqual(
      expect.arrayContaining(['watch.criteria.maxFailureRatePercent', 'watch.healthChecks[api].url']),
    );
    expect(found).toEqual(expect.arrayContaining(['strategy.percentages', 'environment.autoRollback']));
    expect(found).not.toContain('environment.stage');
  });

  it('holds the container as it is created', () => {
    const a = aReleasePlan();
    const container = { ...a.application.container, env: { MODE: 'fast' }, limits: { cpus: 2, memoryBytes: null } };
    const b = { ...a, application: { ...a.application, replicas: 3, container } };
    expect(diff(completed({ plan: a }), other(b)).configuration.differences).toEqual([
      { path: 'application.replicas', change: 'changed', a: 2, b: 3 },
      { path: 'application.container.env.MODE', change: 'only-b', b: 'fast' },
      { path: 'application.container.limits.cpus', change: 'changed', a: null, b: 2 },
    ]);
  });
});

describe('durations', () => {
  const steps = (found: RunDiff) => new Map(found.durations.steps.map((one) => [one.step, one]));

  it('are told of the whole and of each step, with what the second took longer', () => {
    const events = journal(
      [0, 'run-started'],
      [1, 'step-started', { step: 'offer-1' }],
      [2, 'step-ended', { step: 'offer-1', outcome: 'passed' }],
      [10, 'run-ended'],
    );
    const found = diff(completed(), other(PLAN, { events }));
    expect(found.durations.whole).toMatchObject({ a: { tookMs: 600_000, state: 'ended' }, differenceMs: 0 });
    expect(steps(found).get('offer-1')).toEqual({
      step: 'offer-1',
      plannedBy: 'both',
      a: { startedAt: after(1), endedAt: after(3), tookMs: 120_000, state: 'ended' },
      b: { startedAt: after(1), endedAt: after(2), tookMs: 60_000, state: 'ended' },
      differenceMs: -60_000,
    });
    expect(steps(found).get('bake-1')).toMatchObject({ a: { tookMs: 300_000 }, b: null, differenceMs: null });
    expect(found.durations.wayBack).toEqual({ a: null, b: null, differenceMs: null });
  });

  it('count a step that was held and taken again from its first beginning to its last end', () => {
    const events = journal(
      [1, 'step-started', { step: 'offer-1' }],
      [2, 'step-ended', { step: 'offer-1', outcome: 'unfinished' }],
      [7, 'step-started', { step: 'offer-1' }],
      [9, 'step-ended', { step: 'offer-1', outcome: 'passed' }],
    );
    expect(steps(diff(completed(), other(PLAN, { events }))).get('offer-1')).toMatchObject({ b: { tookMs: 480_000 } });
  });

  it('of a step that the run left on its way back are marked as cut short', () => {
    const found = diff(completed(), rolledBack());
    expect(steps(found).get('offer-1')).toMatchObject({
      b: { endedAt: after(4), tookMs: 180_000, state: 'cut-short' },
      differenceMs: 60_000,
    });
    expect(found.durations.wayBack).toMatchObject({ a: null, b: { tookMs: 120_000, state: 'ended' } });
  });

  it('of a run under way last until now, and are no difference yet', () => {
    const view = viewOf({ phase: 'running', since: after(1) }, 1);
    const events = journal([0, 'run-started'], [50, 'step-started', { step: 'offer-1' }]);
    const found = diff(completed(), other(PLAN, { status: statusOf(rowOf(view, { run: OTHER })), events }));
    const underWay = { endedAt: null, state: 'under-way' };
    expect(found.durations.whole).toMatchObject({ b: { ...underWay, tookMs: 3_600_000 }, differenceMs: null });
    expect(steps(found).get('offer-1')).toMatchObject({ b: { ...underWay, tookMs: 600_000 }, differenceMs: null });
  });

  it('tell which plan alone has a step', () => {
    const found = diff(
      completed({ plan: planned({ steps: PLAN.steps.slice(1) }) }),
      other(planned({ steps: PLAN.steps.slice(0, 2) })),
    );
    expect(found.durations.steps.map(({ step, plannedBy }) => `${step} ${plannedBy}`)).toEqual([
      'offer-1 both',
      'bake-1 a',
      'offer-2 a',
      'bake-2 a',
      'offer-3 a',
      'approve-1 b',
    ]);
  });
});

describe('results', () => {
  it('tell phase, reason, way back, devices and evidence', () => {
    const { differences } = diff(completed(), rolledBack()).results;
    expect(differences).toEqual(
      expect.arrayContaining([
        { path: 'phase', change: 'changed', a: 'completed', b: 'rolled-back' },
        { path: 'reason', change: 'changed', a: null, b: 'failure rate 35 % > 10 %' },
        { path: 'rolled_back', change: 'changed', a: false, b: true },
        { path: 'devices.failed', change: 'changed', a: 0, b: 7 },
        { path: 'way_back.returned', change: 'changed', a: 0, b: 13 },
        { path: 'breaches', change: 'changed', a: [], b: ['failure rate 35 % > 10 %'] },
        { path: 'evidence.watch', change: 'only-b', b: ['failure rate 35 %'] },
      ]),
    );
  });

  it('tell the verdict of a judge in its own words', () => {
    const said = (result: string, summary: string) =>
      journal([1, 'step-ended', { step: 'judge-1', outcome: 'passed', result, required: false }, summary]);
    const [a, b] = [said('passed', 'score 96'), said('failed', 'score 40')];
    const { results } = diff(completed({ events: a }), other(PLAN, { events: b }));
    expect(results.differences).toEqual([
      { path: 'steps.judge-1.result', change: 'changed', a: 'passed', b: 'failed' },
      { path: 'steps.judge-1.said', change: 'changed', a: 'score 96', b: 'score 40' },
    ]);
  });

  it('tell traffic and instances of a release', () => {
    const release = (weightBasisPoints: number, ready: number): ComparedRun => {
      const instances = { wanted: 2, started: 2, ready };
      const traffic = { release: 2, before: null, weightBasisPoints, instances, isHolding: false, address: null };
      const view = viewOf({ phase: 'running', since: after(1) }, 0, { traffic });
      return other(aReleasePlan({ strategy: CANARY_RELEASE }), { status: statusOf(rowOf(view)), events: [] });
    };
    expect(paths(diff(release(1_000, 1), release(10_000, 2)).results)).toEqual([
      'traffic.weight_percent',
      'traffic.instances.ready',
    ]);
  });
});

describe('runs of different kinds', () => {
  const found = diff(completed(), other(aReleasePlan()));

  it('are compared in what both have', () => {
    expect(found.isSameKind).toBe(false);
    expect(paths(found.delivered)).toEqual(['name', 'version', 'digest', 'size_bytes']);
    const top = new Set(paths(found.configuration).map((path) => /^\w+/.exec(path)?.[0]));
    expect([...top].toSorted()).toEqual(['environment', 'steps', 'strategy', 'watch']);
  });

  it('name the parts that only the one has', () => {
    expect(found.notCompared.a).toEqual(expect.arrayContaining(['hardware', 'waves', 'selection', 'devices']));
    expect(found.notCompared.b).toEqual(expect.arrayContaining(['image', 'replaces', 'application', 'traffic']));
  });
});

it('a document holds everything, in the names of other documents', () => {
  const found = diff(completed(), rolledBack());
  const document = diffDocument(found);
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  expect(document).toMatchObject({
    a: { execution_id: RUN, status: 'completed', evidence: [] },
    b: {
      execution_id: OTHER,
      status: 'rolled-back',
      evidence: [{ evidence_id: 'evd_1', step: 'watch', at: after(4) }],
    },
    same_run: false,
    same_kind: true,
    durations: {
      whole: { difference_ms: -240_000 },
      way_back: { a: null, b: { started_at: after(4), ended_at: after(6) } },
    },
    results: { equal: found.results.equal },
  });
  expect(diffValues(document, document).differences).toEqual([]);
});
