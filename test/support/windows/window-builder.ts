import { parseRule } from '#domain/windows/parse-rule.ts';
import type { DeploymentWindow } from '#domain/windows/window.ts';

type Over = Partial<Pick<DeploymentWindow, 'name' | 'kind' | 'timezone'>>;
type Daily = Extract<DeploymentWindow['hours'], { kind: 'daily' }>;

/** An allow window from `from` to `to`, in UTC unless told otherwise. */
export const daily = (
  from: string,
  to: string,
  { days = null, ...over }: Over & { readonly days?: Daily['days'] } = {},
): DeploymentWindow => ({
  name: 'nights',
  kind: 'allow',
  timezone: 'UTC',
  ...over,
  hours: { kind: 'daily', startTime: from, endTime: to, days },
});

const HOUR_MS = 3_600_000;

/** A window of `hours` from `dtstart` on, as `rrule` says. */
export function recurring(
  rrule: string,
  { dtstart, hours }: { readonly dtstart: string; readonly hours: number },
  over: Over = {},
): DeploymentWindow {
  const window = { name: 'weekends', kind: 'allow', timezone: 'UTC', ...over } as const;
  const parsed = parseRule(rrule, window.timezone);
  if (parsed.kind === 'refused') throw new Error(parsed.expected);
  return { ...window, hours: { kind: 'rule', rrule, rule: parsed.rule, dtstart, durationMs: hours * HOUR_MS } };
}
