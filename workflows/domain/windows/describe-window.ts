import { formatDuration } from '../time.ts';
import type { DeploymentWindow } from './window.ts';

/** The window as people read it: `nights: mon, fri 22:00–06:00 UTC`, `xmas (deny): FREQ=DAILY, 00:00 for 2 d, Europe/Berlin`. */
export function describeWindow(window: DeploymentWindow): string {
  return `${window.name}${window.kind === 'deny' ? ' (deny)' : ''}: ${describeHours(window)}`;
}

/** Its hours alone: `02:00–06:00 UTC`. */
export function describeHours({ hours, timezone }: DeploymentWindow): string {
  if (hours.kind === 'rule') {
    const { rrule, dtstart, durationMs } = hours;
    return `${rrule}, ${dtstart.slice(11, 16)} for ${formatDuration(durationMs)}, ${timezone}`;
  }
  const days = hours.days === null ? '' : `${hours.days.join(', ')} `;
  return `${days}${hours.startTime}–${hours.endTime} ${timezone}`;
}
