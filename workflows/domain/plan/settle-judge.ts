import type { SettledAnalysis } from '../analysis/analysis.ts';
import { settleAnalysis } from '../analysis/settle-analysis.ts';
import type { Configuration } from '../environments/configuration.schema.ts';
import type { Problem } from '../environments/problem.ts';
import type { ContainerStrategy } from './container-plan.ts';
import type { ReleaseConfig } from './release-file.schema.ts';

interface JudgeSources {
  readonly config: ReleaseConfig;
  readonly configuration: Configuration;
}

interface SettledJudge {
  /** Null judges by the rollback criteria alone. */
  readonly analysis: SettledAnalysis | null;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
}

/** What a release is judged by: its file's analysis, else the configuration's, with the templates of both. */
export function settleJudge({ config, configuration }: JudgeSources, { kind }: ContainerStrategy): SettledJudge {
  const { analysis = configuration.analysis ?? null } = config;
  if (analysis === null) return { analysis: null, problems: [], notes: [] };
  const templates = { ...configuration.metric_templates, ...config.metric_templates };
  const path = config.analysis ? 'config.analysis' : 'analysis';
  const settled = settleAnalysis({ analysis, templates, path });
  if (settled.kind === 'refused') return { analysis: null, problems: settled.problems, notes: [] };
  if (kind !== 'first') return { analysis: settled.analysis, problems: [], notes: [] };
  return {
    analysis: null,
    problems: [],
    notes: ['analysis is skipped: there is no version to compare the first one with'],
  };
}
