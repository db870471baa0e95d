import type { PlanId, Sha256 } from '#domain/ids.ts';
import type { FleetPlan, WaveSelection } from '#domain/plan/plan.ts';
import { PLAN_SCHEMA_VERSION, type WatchPlan } from '#domain/plan/plan-base.ts';
import type { ApproveStep, BakeStep, GateStep, OfferStep, Step } from '#domain/plan/steps.ts';

const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** The built-in gate, or with a name one that runs a command. */
export const gate = (over: Partial<GateStep> = {}): GateStep => ({
  kind: 'gate',
  id: `gate-${over.gate ?? 'firmware_validation'}`,
  gate: 'firmware_validation',
  phase: 'pre',
  required: true,
  check: over.gate ? { run: 'command', command: ['true'], timeoutMs: MINUTE_MS } : { run: 'firmware_validation' },
  ...over,
});

export const approve = (over: Partial<ApproveStep> = {}): ApproveStep => ({
  kind: 'approve',
  id: 'approve-1',
  opens: 'wave 1 (10 %)',
  policy: { quorum: 1, role: 'approver', expiresInMs: null },
  ...over,
});

export const offer = (wave: number, over: Partial<OfferStep> = {}): OfferStep => ({
  kind: 'offer',
  id: `offer-${wave}`,
  wave,
  waves: 3,
  label: `${[10, 50, 100][wave - 1] ?? 100} %`,
  deadlineMs: HOUR_MS,
  successThresholdPercent: 90,
  maximumPerMinute: null,
  ...over,
});

export const bake = (wave: number, durationMs = 5 * MINUTE_MS): BakeStep => ({
  kind: 'bake',
  id: `bake-${wave}`,
  wave,
  durationMs,
});

/** Stage on every device, then activate on every device. */
export const SLOT_WAVES: readonly WaveSelection[] = [
  { kind: 'percent', percent: 100, operation: 'stage' },
  { kind: 'percent', percent: 100, operation: 'activate' },
];

/** The offers and the bake of a blue-green plan. */
export const SLOT_STEPS: readonly Step[] = [
  offer(1, { waves: 2, label: 'stage on 100 %', operation: 'stage' }),
  offer(2, { waves: 2, label: 'activate on 100 %', operation: 'activate', deadlineMs: 5 * MINUTE_MS }),
  bake(2, 300),
];

export const WATCH: WatchPlan = {
  everyMs: 30 * MINUTE_MS,
  criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
  healthChecks: [],
};

/** Three waves with a bake after each. */
export const CANARY: readonly Step[] = [offer(1), bake(1), offer(2), bake(2), offer(3), bake(3)];

/** A plan as the planner makes it, with the parts a test cares about replaced. */
export function aPlan(over: Partial<FleetPlan> = {}): FleetPlan {
  return {
    schema: PLAN_SCHEMA_VERSION,
    planId: 'plan_test' as PlanId,
    kind: 'fleet-rollout',
    name: 'Production rollout',
    description: '',
    author: 'lin',
    createdAt: '2026-01-01T00:00:00.000Z',
    environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: HOUR_MS },
    sourceEnvironment: null,
    strategy: { kind: 'canary', percentages: [10, 50, 100] },
    firmware: {
      name: 'edge',
      version: '1.1.0',
      sha256: 'a'.repeat(64) as Sha256,
      sizeBytes: 65_536,
      signature: 'c2ln',
      hardware: ['edge-a'],
      minimumVersion: null,
    },
    selection: { groups: [], devices: 200, alreadyCurrent: 0 },
    waves: [10, 50, 100].map((percent) => ({ kind: 'percent', percent }) as const),
    steps: CANARY,
    watch: WATCH,
    confirmation: { mode: 'succeeded', confirmWithinMs: 10 * MINUTE_MS, inProgressTimeoutMs: HOUR_MS },
    overrides: [],
    ...over,
  };
}
