import { SINGLE_WINDOW, type DeploymentWindow } from '#domain/windows/window.ts';

/** The windows of an environment with the names of the configuration file. */
export function windowsDocument(windows: readonly DeploymentWindow[]): Record<string, unknown> {
  const single = windows.find(({ name }) => name === SINGLE_WINDOW);
  const { kind: _kind, name: _name, days: _days, ...times } = single ? windowDocument(single) : {};
  const list = windows.filter((one) => one !== single).map(windowDocument);
  return { deployment_window: single ? times : null, deployment_windows: list.length > 0 ? list : null };
}

function windowDocument({ name, kind, timezone, hours }: DeploymentWindow): Record<string, unknown> {
  if (hours.kind === 'daily') {
    const { startTime: start_time, endTime: end_time, days } = hours;
    return { name, kind, start_time, end_time, timezone, days };
  }
  const { rrule, dtstart, durationMs } = hours;
  return { name, kind, rrule, dtstart, duration: durationMs / 1000, timezone };
}
