import type { RollbackCriteria } from '../plan/plan-base.ts';
import type { Verdict } from '../ports/watch.port.ts';

/** What a person may accept. */
export type Breach = Exclude<Verdict, { kind: 'healthy' }>;

/**
 * What is watched after somebody let the run go on in spite of `breach`: a failure rate may stay as it was seen, and asks
 * again when it gets worse; health checks that fail are looked at no more; what stood still has its whole time again. Who
 * could not see goes on looking.
 */
export function acceptBreach(criteria: RollbackCriteria, breach: Breach): RollbackCriteria {
  if (breach.kind === 'inconclusive') return criteria;
  if (breach.criterion !== 'failure-rate') return withoutCriterion(criteria, breach.criterion);
  const { maxFailureRatePercent: limit } = criteria;
  if (limit === null) return criteria;
  return { ...criteria, maxFailureRatePercent: Math.max(limit, justAbove(breach.failureRatePercent)) };
}

type OtherCriterion = Exclude<Extract<Breach, { kind: 'unhealthy' }>['criterion'], 'failure-rate'>;

function withoutCriterion(criteria: RollbackCriteria, criterion: OtherCriterion): RollbackCriteria {
  switch (criterion) {
    case 'health-check':
      return { ...criteria, onHealthCheckFailure: false };
    case 'analysis':
      return { ...criteria, onAnalysis: false };
    case 'performance': {
      const { performanceDegradationPercent: _accepted, ...rest } = criteria;
      return rest;
    }
    // It is waited for anew, and asked about again.
    case 'progress':
      return criteria;
    case 'user-reports': {
      const { userReportedIssues: _accepted, ...rest } = criteria;
      return rest;
    }
  }
}

const TENTHS = 10;

/** The rate in tenths, rounded up: people read it, and a rate is over its limit only when it is above. */
function justAbove(ratePercent: number): number {
  const tenths = Math.ceil(ratePercent * TENTHS);
  return tenths / TENTHS >= ratePercent ? tenths / TENTHS : (tenths + 1) / TENTHS;
}

/** A breach in one line. */
export const describeBreach = (breach: Breach): string =>
  breach.kind === 'unhealthy' ? breach.summary : `inconclusive: ${breach.why}`;

/** `failure rate up to 10 %, 2 health checks`. */
export function describeCriteria(criteria: RollbackCriteria, healthChecks: number): string {
  const { maxFailureRatePercent: limit, onHealthCheckFailure } = criteria;
  const watched = [
    ...(limit === null ? [] : [`failure rate up to ${limit} %`]),
    ...(onHealthCheckFailure && healthChecks > 0
      ? [`${healthChecks} health ${healthChecks === 1 ? 'check' : 'checks'}`]
      : []),
  ];
  return watched.join(', ') || 'nothing';
}
