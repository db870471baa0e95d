import { parseRule } from './parse-rule.ts';
import { SINGLE_WINDOW, type DeploymentWindow } from './window.ts';
import type { DailyWindowSpec, WindowsSpec } from './window.schema.ts';

/** The windows of an environment from its checked section: the single one is an allow window of every day. */
export function settleWindows(single: DailyWindowSpec | undefined, list: WindowsSpec | undefined): DeploymentWindow[] {
  return [...(single ? [settleSingle(single)] : []), ...(list ?? []).map(settle)];
}

function settleSingle({ start_time: startTime, end_time: endTime, timezone }: DailyWindowSpec): DeploymentWindow {
  return { name: SINGLE_WINDOW, kind: 'allow', timezone, hours: { kind: 'daily', startTime, endTime, days: null } };
}

function settle(spec: WindowsSpec[number]): DeploymentWindow {
  const { name, kind, timezone, days = null } = spec;
  return { name, kind, timezone, hours: recurring(spec) ?? daily(spec, days) };
}

const daily = (
  { start_time: startTime = '', end_time: endTime = '' }: WindowsSpec[number],
  days: WindowsSpec[number]['days'] | null,
): DeploymentWindow['hours'] => ({ kind: 'daily', startTime, endTime, days: days ?? null });

function recurring({ rrule, dtstart, duration, timezone }: WindowsSpec[number]): DeploymentWindow['hours'] | null {
  if (rrule === undefined || dtstart === undefined || duration === undefined) return null;
  const parsed = parseRule(rrule, timezone);
  return parsed.kind === 'rule' ? { kind: 'rule', rrule, rule: parsed.rule, dtstart, durationMs: duration } : null;
}
