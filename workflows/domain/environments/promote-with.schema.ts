import type { z } from 'zod';
import { PlanFile } from '../plan/plan-file.schema.ts';
import { ReleaseConfig } from '../plan/release-file.schema.ts';
import { section, text } from './fields.schema.ts';

// What names a plan, and when it goes out, comes with each promotion.
const {
  name: _releaseName,
  source_environment: _releaseSource,
  schedule: _releaseSchedule,
  ...releaseFields
} = ReleaseConfig.shape;
const {
  name: _planName,
  firmware_version: _version,
  firmware: _firmware,
  source_environment: _planSource,
  target_environment: _target,
  schedule: _planSchedule,
  ...planFields
} = PlanFile.shape;

/** How promoted versions go out, by what the environment runs on. */
const BY_TARGET = {
  docker: section(releaseFields),
  fleet: section({ ...planFields, strategy: text('a strategy').default('canary') }),
} as const;

/** What is wrong with `promote_with` of an environment with that target; none when it holds. */
export function promoteWithIssues(target: keyof typeof BY_TARGET, written: unknown): readonly z.core.$ZodIssue[] {
  const checked = BY_TARGET[target].safeParse(written);
  return checked.success ? [] : checked.error.issues;
}
