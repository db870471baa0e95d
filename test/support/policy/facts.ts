import { policyFacts, type PolicyFacts, type RunFactsForPolicy } from '#domain/policy/policy-facts.ts';
import { EnvironmentSpec } from '#domain/environments/environment.schema.ts';
import { environmentOf } from '#domain/environments/environment.ts';
import { NO_COUNTS } from '#domain/fleet/counts.ts';
import { aReleasePlan, CANARY_RELEASE } from '../runs/container-plan-builder.ts';

/** What a run of `aReleasePlan` says before its first shift. */
export const SAID: RunFactsForPolicy = {
  run: 'exe_1',
  startedBy: { by: 'lin', via: 'cli', verified: false, reason: 'it is time' },
  priority: 'normal',
  startedAt: '2026-03-20T09:00:00.000Z',
  index: 3,
  approvedBy: ['ada', 'bob'],
  counts: NO_COUNTS,
  traffic: {
    release: 2,
    before: null,
    weightBasisPoints: 0,
    instances: { wanted: 2, started: 2, ready: 2 },
    isHolding: false,
    address: null,
  },
};

/** A Friday morning in Berlin, before a canary of the shop gets its first traffic in production. */
export const someFacts = (over: Partial<PolicyFacts> = {}): PolicyFacts => ({
  ...policyFacts(SAID, {
    plan: aReleasePlan({ strategy: CANARY_RELEASE }),
    digest: 'd'.repeat(64),
    environment: environmentOf(
      'production',
      EnvironmentSpec.parse({ target: 'docker', policy_timezone: 'Europe/Berlin' }),
    ),
    now: '2026-03-20T09:30:00.000Z',
  }),
  ...over,
});
