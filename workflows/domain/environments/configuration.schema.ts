import type { z } from 'zod';
import { AnalysisSpec, MetricTemplatesSpec } from '../analysis/metric-template.schema.ts';
import { JointReleaseSpec } from '../joint-releases/joint-release-spec.schema.ts';
import { EnvironmentSpec } from './environment.schema.ts';
import { named, section } from './fields.schema.ts';
import { GatesSpec, QualityGatesSpec } from './gate.schema.ts';
import { HealthCheckSpec } from './health-check.schema.ts';
import { RemindingApprovalsSpec, PeopleSpec, PerformanceSpec, RollbackCriteriaSpec } from './policy.schema.ts';
import { recordedSections } from './recorded-sections.schema.ts';

/** The whole configuration file. Every section may be left out. */
export const ConfigurationFile = section({
  environments: named('environments', EnvironmentSpec).optional(),
  health_checks: named('health checks', HealthCheckSpec).optional(),
  quality_gates: QualityGatesSpec.optional(),
  rollback_criteria: RollbackCriteriaSpec.optional(),
  performance: PerformanceSpec.optional(),
  people: PeopleSpec.optional(),
  approvals: RemindingApprovalsSpec.optional(),
  gates: GatesSpec.optional(),
  metric_templates: MetricTemplatesSpec.optional(),
  analysis: AnalysisSpec.optional(),
  release: JointReleaseSpec.optional(),
  ...recordedSections,
});
export type Configuration = z.output<typeof ConfigurationFile>;
