import type { JudgedAnalysis } from '#domain/analysis/judge.ts';

/** Sampled of every release, whatever it is judged by. */
export const RESPONSE_TIME = 'sluice.response_time_ms';

/** A response time that is worse by more than `degradationPercent` fails, by the judge's test. */
export const performanceRules = (degradationPercent: number): JudgedAnalysis => ({
  metrics: [
    {
      name: RESPONSE_TIME,
      group: 'performance',
      rules: {
        direction: 'increase',
        nanStrategy: 'remove',
        outliers: { kind: 'keep' },
        tolerance: 0.25,
        effect: { measure: 'mean_ratio', allowed: { increase: 1 + degradationPercent / 100, decrease: 1 } },
        criticality: { kind: 'normal' },
        mustHaveData: false,
      },
      loop: { isDryRun: false },
    },
  ],
  weights: {},
  thresholds: { pass: 100, marginal: 100 },
});
