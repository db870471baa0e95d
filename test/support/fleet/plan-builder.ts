import { randomBytes } from 'node:crypto';
import type { PlanId } from '#domain/ids.ts';
import type { FleetPlan, PlannedFirmware, WaveSelection } from '#domain/plan/plan.ts';

/** Cumulative shares of the fleet. */
export const percentWaves = (...percentages: number[]): WaveSelection[] =>
  percentages.map((percent) => ({ kind: 'percent', percent }));

/**
 * A canary of every device, 10 → 50 → 100 %, failure rate at most 10 %, also of devices whose present firmware is no artifact;
 * `changes` replace parts.
 */
export function planOf(firmware: PlannedFirmware, changes: Partial<FleetPlan> = {}): FleetPlan {
  return {
    schema: 1,
    planId: `plan_${randomBytes(6).toString('hex')}` as PlanId,
    kind: 'fleet-rollout',
    name: 'test rollout',
    description: '',
    author: 'ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    environment: { name: 'production', stage: 'production', autoRollback: true, rollbackTimeoutMs: 60_000 },
    sourceEnvironment: null,
    strategy: { kind: 'canary', percentages: [10, 50, 100] },
    firmware,
    selection: { groups: [], devices: 0, alreadyCurrent: 0 },
    waves: percentWaves(10, 50, 100),
    steps: [],
    watch: {
      everyMs: 1_000,
      criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
      healthChecks: [],
    },
    confirmation: { mode: 'succeeded', confirmWithinMs: 30_000, inProgressTimeoutMs: 60_000 },
    overrides: [{ rule: 'NO_WAY_BACK', by: 'ada', reason: 'devices of a test' }],
    ...changes,
  };
}
