import type { RunView } from '#domain/run/run-view.ts';

/** What a run in its first moments says of itself; `changes` replace parts. */
export function runViewOf(run: string, changes: Partial<RunView> = {}): RunView {
  return {
    run,
    planId: 'plan_1',
    digest: 'd'.repeat(64),
    name: 'test rollout',
    author: 'ada',
    environment: 'production',
    subject: { kind: 'firmware', name: 'edge', version: '1.1.0' },
    state: { phase: 'running', since: '2026-01-01T00:00:00.000Z' },
    step: null,
    steps: 3,
    startedAt: '2026-01-01T00:00:00.000Z',
    waiting: null,
    waves: [],
    traffic: null,
    interrupt: null,
    pausing: false,
    openGates: [],
    approverRole: 'approver',
    criteria: { maxFailureRatePercent: 10, minimumExecuted: 10, onHealthCheckFailure: true },
    ...changes,
  };
}
