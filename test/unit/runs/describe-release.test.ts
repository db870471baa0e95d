import { describe, expect, it, test } from 'vitest';
import { describeRun } from '../../../client/engine/runs/describe-run.ts';
import { stepProgressPercent } from '../../../client/engine/runs/run-progress.ts';
import type { RunFacts } from '../../../client/engine/runs/run-facts.ts';
import { statusDocument } from '../../../client/engine/runs/status-document.ts';
import { renderStatus, statusLine } from '../../../client/cli/render/run.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { rollbackPlan } from '#domain/plan/rollback-plan.ts';
import type { PlanId } from '#domain/ids.ts';
import type { RunState } from '#domain/run/run-state.ts';
import type { TrafficView } from '#domain/run/run-view.ts';
import { movesOf } from '#domain/strategies/containers/container-strategies.ts';
import { lookAt, rowOf, viewOf } from './sample-run.ts';

const NOW = '2025-11-21T14:05:00.000Z';
const since = '2025-11-21T14:02:00.000Z';
const look = lookAt(NOW);
const SHOP = { kind: 'application', name: 'shop', version: '1.1.0' } as const;

const timing = { everyMs: 1_000, timeoutMs: 2_000, healthyAfter: 1, unhealthyAfter: 3 };
const digest = `sha256:${'b'.repeat(64)}`;
const base = rollbackPlan({
  planId: 'plan_shop' as PlanId,
  author: 'grace',
  createdAt: since,
  environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: 600_000 },
  reason: '',
  present: { release: 6, version: '1.0.0', digest: `sha256:${'a'.repeat(64)}`, replicas: 4 },
  target: {
    release: 7,
    application: {
      name: 'shop',
      version: '1.1.0',
      reference: 'shop:1.1.0',
      image: { pin: 'registry-digest', image: `shop@${digest}`, digest, sizeBytes: null },
      credentials: null,
      replicas: 4,
      container: {
        image: `shop@${digest}`,
        port: 80,
        env: {},
        command: null,
        mounts: [],
        networks: [],
        limits: { cpus: null, memoryBytes: null },
        stopGraceMs: 1_000,
        engineHealthCheck: null,
      },
      engines: [{ name: 'local', way: { kind: 'socket', path: '/s' }, reach: { kind: 'bridge' } }],
      readiness: { kind: 'tcp', timing },
      liveness: { kind: 'tcp', timing },
      drainMs: 1_000,
      routing: {
        listenPort: null,
        previewPort: null,
        rules: { header: null, allowClients: [], allowNetworks: [], clientIdHeader: 'x-client-id' },
        mirror: null,
        maximumHeld: 10,
      },
      dependsOn: [],
      critical: false,
    },
  },
});
const strategy = { kind: 'canary', weightsPercent: [25, 100] } as const;
const PLAN: ContainerPlan = {
  ...base,
  strategy,
  steps: movesOf(strategy, {
    ...{ pre: [], staged: [], post: [], before: [], after: [], approval: null, isJudged: false, downtimeMs: 0 },
    ...{ replicas: 4, present: 4, bakeMs: 300_000, readyWithinMs: 60_000, switchTimeoutMs: 5_000 },
  }),
  watch: {
    everyMs: 1_000,
    criteria: { maxFailureRatePercent: 5, minimumExecuted: 10, onHealthCheckFailure: true },
    healthChecks: [],
  },
};

const TRAFFIC: TrafficView = {
  release: 7,
  before: { release: 6, version: '1.0.0', instances: 4 },
  weightBasisPoints: 2_500,
  instances: { wanted: 4, started: 4, ready: 4 },
  isHolding: false,
  address: '127.0.0.1:8100',
};

interface Standing {
  readonly state: RunState;
  readonly step?: string;
  readonly traffic?: Partial<TrafficView>;
  readonly closed?: boolean;
}

function factsAt({ state, step, traffic = {}, closed = false }: Standing): RunFacts {
  const found = PLAN.steps.findIndex(({ id }) => id === step);
  const index = found === -1 ? null : found;
  const view = {
    ...viewOf(state, null, { subject: SHOP, criteria: PLAN.watch.criteria, waves: [] }),
    step: index === null ? null : { index, id: step ?? '', summary: '', since },
    steps: PLAN.steps.length,
    traffic: { ...TRAFFIC, ...traffic },
  };
  const row = rowOf(view, { subject: SHOP, kind: 'container-release', phase: state.phase, closed });
  const status = {
    row,
    waves: [],
    wayBack: { devices: 0, returned: 0, left: 0 },
    progress: stepProgressPercent(state.phase, view),
  };
  const begun: JournalEntry = { seq: 1, at: since, type: 'step-started', summary: '', data: { index } };
  return { status, plan: PLAN, events: [begun], people: {}, examples: { failed: [], left: [] }, queue: null };
}

const running: RunState = { phase: 'running', since };
const pictureOf = (standing: Standing) => describeRun(factsAt(standing), look.clock);

describe('a release that bakes', () => {
  it('answers the six questions', () => {
    expect(pictureOf({ state: running, step: 'bake-1' })).toMatchObject({
      title: 'Production Rollout v1.2.0 · container release · shop 1.1.0 → production',
      headline: 'RUNNING · 42 % · step 4 of 7 · 00:05:00',
      doing: 'bake 5 min after 25 % of the traffic: watching error rate until 14:07 UTC (in 2 min)',
      soFar: '1.1.0 gets 25 % of the traffic, 1.0.0 the rest · 4/4 instances ready · clients at 127.0.0.1:8100',
      next: '100 % of the traffic to the new version',
      back: 'roll back: all traffic to 1.0.0 (release 6, 4 instances still run), within 10 min',
      devices: null,
    });
  });

  it('shows who serves in a bar, and in a line for a pipe', () => {
    const facts = factsAt({ state: running, step: 'bake-1' });
    const picture = describeRun(facts, look.clock);
    const text = renderStatus(facts.status, picture, look);
    expect(text).toContain('1.0.0 ███████████████░░░░░ 1.1.0 25 %\ninstances of 1.1.0: 4/4 ready');
    expect(statusLine(facts.status, picture)).toContain('1.1.0 gets 25 % of the traffic, 1.0.0 the rest');
  });

  it('tells programs who serves', () => {
    expect(statusDocument(factsAt({ state: running, step: 'bake-1' }).status)).toMatchObject({
      kind: 'container-release',
      application: { name: 'shop', version: '1.1.0' },
      firmware: null,
      waves: [],
      traffic: { release: 7, weight_percent: 25, instances: { ready: 4 }, address: '127.0.0.1:8100' },
    });
  });
});

test.each<[string, Standing, object]>([
  [
    'waits for instances',
    {
      state: running,
      step: 'verify',
      traffic: { weightBasisPoints: 0, instances: { wanted: 4, started: 4, ready: 3 } },
    },
    {
      doing: 'wait until 4 new instances are ready: 3 of 4 until 14:03 UTC (2 min ago)',
      soFar: '1.0.0 gets all traffic · 3/4 instances ready · clients at 127.0.0.1:8100',
    },
  ],
  [
    'has not begun',
    {
      state: running,
      step: 'stage',
      traffic: { release: null, weightBasisPoints: 0, instances: { wanted: 4, started: 0, ready: 0 } },
    },
    { soFar: 'nothing started yet', back: 'nothing to take back yet: no instance was started' },
  ],
  [
    'goes back',
    { state: { phase: 'rolling-back', since, reason: 'error rate 9 % > 5 %' } },
    { doing: 'rolling back: all traffic goes back to 1.0.0', back: 'under way' },
  ],
  [
    'went back',
    { state: { phase: 'rolled-back', since, reason: 'x' }, closed: true, traffic: { weightBasisPoints: 0 } },
    {
      soFar: '1.0.0 gets all traffic · 4/4 instances ready · clients at 127.0.0.1:8100',
      back: 'done: 1.0.0 (release 6) serves',
    },
  ],
  [
    'is complete',
    { state: { phase: 'completed', since }, closed: true, traffic: { weightBasisPoints: 10_000 } },
    {
      soFar: '1.1.0 gets all traffic · 4/4 instances ready · clients at 127.0.0.1:8100',
      back: 'to 1.0.0 (release 6) by a rollback of the application',
      youCan: [
        {
          action: 'roll back',
          command: 'sluice deploy rollback --application shop --environment production --reason "…"',
        },
      ],
    },
  ],
])('a release that %s says so', (_what, standing, expected) => {
  expect(pictureOf(standing)).toMatchObject(expected);
});
