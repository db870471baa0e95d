import type { WaveTally } from '../../../activities/adapters/postgres/run-counts.ts';
import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Look } from '../../../client/cli/render/run.ts';
import type { RunFacts } from '../../../client/engine/runs/run-facts.ts';
import type { RunStatus } from '../../../client/engine/runs/run-status.ts';
import { progressPercent } from '../../../client/engine/runs/run-progress.ts';
import { NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { PlanId, RunId, Sha256 } from '#domain/ids.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import type { RunState } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';

export const RUN = 'exe_01HSAMPLE' as RunId;
export const DIGEST = '9be2c1d0a7f34455667788990011223344556677889900aabbccddeeff001122';
const STARTED_AT = '2025-11-21T14:00:00.000Z';

const policy = { quorum: 2, role: 'approver', expiresInMs: null };

export const PLAN: FleetPlan = {
  schema: 1,
  planId: 'plan_7k2' as PlanId,
  kind: 'fleet-rollout',
  name: 'Production Rollout v1.2.0',
  description: '',
  author: 'grace',
  createdAt: '2025-11-21T13:00:00.000Z',
  environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: 600_000 },
  sourceEnvironment: null,
  strategy: { kind: 'canary', percentages: [10, 50, 100] },
  firmware: {
    name: 'edge',
    version: '1.2.0',
    sha256: DIGEST as Sha256,
    sizeBytes: 65_536,
    signature: '',
    hardware: ['edge-a'],
    minimumVersion: null,
  },
  selection: { groups: [], devices: 200, alreadyCurrent: 0 },
  waves: [10, 50, 100].map((percent) => ({ kind: 'percent', percent })),
  steps: [
    { kind: 'approve', id: 'approve-1', opens: 'wave 1 (10 %)', policy },
    offer(1, '10 %', null),
    { kind: 'bake', id: 'bake-1', wave: 1, durationMs: 1_800_000 },
    offer(2, '50 %', null),
    { kind: 'bake', id: 'bake-2', wave: 2, durationMs: 1_800_000 },
    offer(3, '100 %', 200),
  ],
  watch: {
    everyMs: 30_000,
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
    healthChecks: [
      {
        type: 'http',
        name: 'api',
        url: 'http://localhost',
        method: 'GET',
        timeoutMs: 1,
        expectedStatus: 200,
        retryCount: 0,
      },
    ],
  },
  confirmation: { mode: 'succeeded', confirmWithinMs: 60_000, inProgressTimeoutMs: 60_000 },
  overrides: [],
};

function offer(wave: number, label: string, maximumPerMinute: number | null) {
  return {
    kind: 'offer',
    id: `offer-${wave}`,
    wave,
    waves: 3,
    label,
    deadlineMs: 3_600_000,
    successThresholdPercent: 90,
    maximumPerMinute,
  } as const;
}

/** The sample run in `state`, at step `index` of its plan. */
export function viewOf(state: RunState, index: number | null, changes: Partial<RunView> = {}): RunView {
  const id = index === null ? '' : (PLAN.steps[index]?.id ?? '');
  const step = index === null ? null : { index, id, summary: `step ${index}`, since: STARTED_AT };
  return {
    run: RUN,
    planId: PLAN.planId,
    digest: DIGEST,
    name: PLAN.name,
    author: PLAN.author,
    environment: PLAN.environment.name,
    subject: { kind: 'firmware', name: 'edge', version: '1.2.0' },
    traffic: null,
    state,
    step,
    steps: PLAN.steps.length,
    startedAt: STARTED_AT,
    waiting: null,
    waves: [1, 2, 3].map((wave) => ({ wave, label: `${wave}`, state: 'waiting', counts: null })),
    interrupt: null,
    pausing: false,
    openGates: [],
    approverRole: 'approver',
    criteria: PLAN.watch.criteria,
    ...changes,
  };
}

export function rowOf(view: RunView | null, changes: Partial<RunRow> = {}): RunRow {
  return {
    run: RUN,
    workflowId: `fleet-rollout/${RUN}`,
    planId: PLAN.planId,
    name: PLAN.name,
    digest: DIGEST,
    subject: { kind: 'firmware', name: 'edge', version: '1.2.0' },
    environment: 'production',
    kind: 'fleet-rollout',
    phase: view?.state.phase ?? 'queued',
    closed: false,
    view,
    partOf: null,
    leadsBack: false,
    place: null,
    startedBy: 'grace',
    startedAt: STARTED_AT,
    completedAt: null,
    ...changes,
  };
}

/** What is known of the sample run when it stands like that. */
export function factsOf(status: RunStatus, changes: Partial<RunFacts> = {}): RunFacts {
  const nothing = { events: [], people: {}, examples: { failed: [], left: [] }, queue: null };
  return { status, plan: PLAN, ...nothing, ...changes };
}

/** A terminal without colours, 80 wide, whose lines are kept. */
export const lookAt = (now: string): Look => ({
  colour: false,
  width: 80,
  listWidth: 80,
  rows: Infinity,
  clock: { now, timeZone: 'UTC' },
});

/** A wave of `targets` devices. */
export function waveOf(
  wave: number,
  targets: number,
  counts: Partial<WaveCounts>,
  leftOut: Partial<WaveTally['leftOut']> = {},
): WaveTally {
  return {
    operation: 'install',
    wave,
    targets,
    counts: { ...NO_COUNTS, ...counts },
    leftOut: { misfit: 0, 'no-way-back': 0, ...leftOut },
  };
}

export function statusOf(row: RunRow, waves: readonly WaveTally[] = []): RunStatus {
  return { row, waves, wayBack: { devices: 0, returned: 0, left: 0 }, progress: progressPercent(row.phase, waves) };
}
