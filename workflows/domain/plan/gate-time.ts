import type { HealthCheck } from './health-check.ts';
import type { GateCheck } from './steps.ts';

/** Between two tries of a health check. */
const PAUSE_MS = 500;
/** Reading a large firmware again, or a large fleet's registry. */
const BUILT_IN_MS = 3_600_000;

/** The longest that a gate's check takes by its own time-outs. */
export function longestCheckMs(check: GateCheck): number {
  switch (check.run) {
    case 'command':
      return check.timeoutMs;
    case 'http':
      return longestTriesMs(check.check);
    case 'load_test':
      return check.load.durationMs + PAUSE_MS;
    case 'health_check':
      return Math.max(0, ...check.checks.map(longestTriesMs));
    default:
      return BUILT_IN_MS;
  }
}

const longestTriesMs = ({ timeoutMs, retryCount }: HealthCheck): number => (retryCount + 1) * (timeoutMs + PAUSE_MS);
