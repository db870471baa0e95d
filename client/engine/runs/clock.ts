import { formatDuration, type Iso } from '#domain/time.ts';

/** When and where somebody looks: times are told relative to it and on its wall clock. */
export interface Clock {
  readonly now: Iso;
  /** IANA name. */
  readonly timeZone: string;
}

const DAY_MS = 86_400_000;

/** `14:02 (12 min ago)`, `Sat 02:00 (in 9 h)`, `2025-11-03 02:00 (18 d ago)`. */
export function tellTime(at: Iso, clock: Clock): string {
  const distanceMs = Date.parse(at) - Date.parse(clock.now);
  const about = tellDuration(Math.abs(distanceMs));
  const relative = Math.abs(distanceMs) < 1_000 ? 'now' : distanceMs > 0 ? `in ${about}` : `${about} ago`;
  return `${wallTime(at, clock)} (${relative})`;
}

/** A duration in whole seconds or more: nobody needs tenths here. */
function tellDuration(durationMs: number): string {
  return formatDuration(Math.floor(durationMs / 1000) * 1000);
}

/** `00:14:12`, with days in front when there are any. */
export function stopwatch(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const [days, hours] = [Math.floor(seconds / 86_400), Math.floor((seconds % 86_400) / 3_600)];
  const parts = [hours, Math.floor((seconds % 3_600) / 60), seconds % 60];
  const clockFace = parts.map((part) => String(part).padStart(2, '0')).join(':');
  return days > 0 ? `${days} d ${clockFace}` : clockFace;
}

function wallTime(at: Iso, { now, timeZone }: Clock): string {
  const [day, today] = [dateIn(at, timeZone), dateIn(now, timeZone)];
  const time = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(new Date(at));
  if (day === today) return time;
  const isNear = Math.abs(Date.parse(at) - Date.parse(now)) < 6 * DAY_MS;
  if (!isNear) return `${day} ${time}`;
  return `${new Intl.DateTimeFormat('en-GB', { timeZone, weekday: 'short' }).format(new Date(at))} ${time}`;
}

// The Swedish calendar writes dates as ISO 8601 does.
const dateIn = (at: Iso, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(at));
