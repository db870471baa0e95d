import type { Configuration } from './configuration.schema.ts';

/** Whole sections that nothing acts on yet. */
const SECTIONS = ['global', 'notifications', 'security', 'logging', 'alerting', 'cache', 'database'] as const;
const PERFORMANCE = ['worker_threads'] as const;
const CRITERIA = ['performance_degradation', 'user_reported_issues'] as const;
const ENVIRONMENT = ['api_endpoints', 'notification_channels'] as const;

/** Every section and key of the file that is stored and has no effect yet, `*` for any name: said, so that nobody counts on it. */
export function notUsedYet(file: Configuration): string[] {
  const environments: Record<string, unknown>[] = Object.values(file.environments ?? {});
  const has = (section: object | undefined, key: string): boolean =>
    section !== undefined && Object.hasOwn(section, key);
  return [
    ...SECTIONS.filter((section) => file[section] !== undefined),
    ...PERFORMANCE.filter((key) => has(file.performance, key)).map((key) => `performance.${key}`),
    ...CRITERIA.filter((key) => has(file.rollback_criteria, key)).map((key) => `rollback_criteria.${key} (of devices)`),
    ...ENVIRONMENT.filter((key) => environments.some((one) => isGiven(one[key]))).map((key) => `environments.*.${key}`),
  ];
}

/** Defaults are empty lists and sections. */
function isGiven(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : value !== undefined;
}
