import type { HealthCheck } from './health-check.ts';
import type { GateStep } from './steps.ts';

/** What is looked at between staging and activation: the plan's health checks. Filled slots must have broken nothing. */
export const stagedGates = (checks: readonly HealthCheck[]): GateStep[] =>
  checks.length === 0
    ? []
    : [
        {
          kind: 'gate',
          id: 'gate-staged-health_check',
          gate: 'health_check',
          phase: 'post',
          required: true,
          check: { run: 'health_check', checks },
        },
      ];
