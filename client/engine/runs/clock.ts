import { formatDuration, type Iso } from '#domain/time.ts';

/** When and where somebody looks: times are told relative to it and on its wall clock. */
export interface Clock {
  readonly now: Iso;
  /** IANA name. */
  readonly timeZone: string;
}

const DAY_MS = 86_400_000;

/** `14:02 UTC (12 min ago)`, `Sat 02:00 CET (in 9 h)`, `2025-11-03 02:00 UTC (18 d ago)`. */
export const tellTime = (at: Iso, clock: Clock): string => `${wallTime(at, clock)} (${tellDistance(at, clock)})`;

/** `12 min 12 s ago`, `in 9 h`, `now`. */
function tellDistance(at: Iso, { now }: Clock): string {
  const distanceMs = Date.parse(at) - Date.parse(now);
  if (Math.abs(distanceMs) < 1_000) return 'now';
  const about = tellDuration(Math.abs(distanceMs));
  return distanceMs > 0 ? `in ${about}` : `${about} ago`;
}

/** `14:02:11 UTC`, with the date in front on another day: for lists of what happened one after another. */
export function tellSecond(at: Iso, { now, timeZone }: Clock): string {
  const time = format(at, { timeZone, timeStyle: 'medium' });
  const [day, today] = [dateIn(at, timeZone), dateIn(now, timeZone)];
  return `${day === today ? '' : `${day} `}${time} ${zoneName(at, timeZone)}`;
}

const zoneName = (at: Iso, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'short' })
    .formatToParts(new Date(at))
    .find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;

/** The same in one unit, for narrow columns: `12 min ago`. */
export const tellRoughly = (at: Iso, clock: Clock): string =>
  tellDistance(at, clock).replace(/(\d+ \S+) \d+ \S+(?= ago$|$)/, '$1');

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** `text` with every instant in it told as `tellTime` does. */
export const tellTimes = (text: string, clock: Clock): string => text.replace(INSTANT, (at) => tellTime(at, clock));

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
  const time = format(at, { timeZone, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  if (day === today) return time;
  const isNear = Math.abs(Date.parse(at) - Date.parse(now)) < 6 * DAY_MS;
  return `${isNear ? format(at, { timeZone, weekday: 'short' }) : day} ${time}`;
}

// British English: a clock of 24 hours, and names for more zones than other places have.
const format = (at: Iso, options: Intl.DateTimeFormatOptions): string =>
  new Intl.DateTimeFormat('en-GB', options).format(new Date(at));

// The Swedish calendar writes dates as ISO 8601 does.
const dateIn = (at: Iso, timeZone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(at));
