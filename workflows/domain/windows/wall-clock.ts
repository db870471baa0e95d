import { DAY_MS } from './calendar.ts';
import { fallsOn } from './rule.ts';
import { WEEKDAYS, type DeploymentWindow } from './window.ts';
import { zoneOffsetMs } from './zone-offset.ts';

/** From `fromMs` until before `toMs`. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

const MINUTE_MS = 60_000;

/**
 * When the window is on between two instants, in order. The wall clock decides: an hour that a daylight-saving change repeats
 * is in it both times, one that it skips never is. So the clock is cut where its offset changes, and each piece is a plain shift.
 */
export function spansOf(window: DeploymentWindow, { fromMs, toMs }: Span): Span[] {
  const { timezone } = window;
  return piecesOf(timezone, { fromMs, toMs }).flatMap((piece) => {
    const shiftMs = zoneOffsetMs(timezone, piece.fromMs);
    const local = { fromMs: piece.fromMs + shiftMs, toMs: piece.toMs + shiftMs };
    return localSpans(window, local).map((span) => ({
      fromMs: Math.max(span.fromMs, local.fromMs) - shiftMs,
      toMs: Math.min(span.toMs, local.toMs) - shiftMs,
    }));
  });
}

/** No zone changes its clock twice within so few days. */
const STEP_MS = 5 * DAY_MS;

/** The range in pieces of one offset each. */
function piecesOf(timezone: string, { fromMs, toMs }: Span): Span[] {
  const pieces: Span[] = [];
  let beganMs = fromMs;
  for (let atMs = fromMs; atMs < toMs; atMs += STEP_MS) {
    const nextMs = Math.min(atMs + STEP_MS, toMs);
    if (zoneOffsetMs(timezone, atMs) === zoneOffsetMs(timezone, nextMs)) continue;
    const changeMs = changeBetween(timezone, atMs, nextMs);
    pieces.push({ fromMs: beganMs, toMs: changeMs });
    beganMs = changeMs;
  }
  return beganMs < toMs ? [...pieces, { fromMs: beganMs, toMs }] : pieces;
}

/** The first whole second of the new offset. */
function changeBetween(timezone: string, beforeMs: number, afterMs: number): number {
  let [low, high] = [Math.floor(beforeMs / 1_000), Math.ceil(afterMs / 1_000)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zoneOffsetMs(timezone, middle * 1_000) === zoneOffsetMs(timezone, beforeMs)) low = middle;
    else high = middle;
  }
  return high * 1_000;
}

/** Those that touch `range`, both on the wall clock, in milliseconds as if it were UTC's. */
function localSpans(window: DeploymentWindow, range: Span): Span[] {
  const { startMs, durationMs, isOn } = patternOf(window);
  const first = Math.floor((range.fromMs - startMs - durationMs) / DAY_MS);
  const last = Math.ceil(range.toMs / DAY_MS);
  const spans: Span[] = [];
  for (let day = first; day <= last; day += 1) {
    const fromMs = day * DAY_MS + startMs;
    const span = { fromMs, toMs: fromMs + durationMs };
    if (span.toMs > range.fromMs && fromMs < range.toMs && isOn(day)) spans.push(span);
  }
  return spans;
}

/** Since midnight, for how long, and on which days since 1970-01-01. */
interface Pattern {
  readonly startMs: number;
  readonly durationMs: number;
  readonly isOn: (day: number) => boolean;
}

function patternOf({ hours }: DeploymentWindow): Pattern {
  if (hours.kind === 'daily') {
    const [startMs, endMs] = [minutes(hours.startTime) * MINUTE_MS, minutes(hours.endTime) * MINUTE_MS];
    const durationMs = endMs > startMs ? endMs - startMs : endMs - startMs + DAY_MS;
    return { startMs, durationMs, isOn: (day) => hours.days?.includes(weekdayOf(day)) ?? true };
  }
  const { rule, durationMs } = hours;
  const beganMs = Date.parse(`${hours.dtstart}Z`);
  const first = Math.floor(beganMs / DAY_MS);
  const startMs = beganMs - first * DAY_MS;
  const isBefore = (day: number): boolean => rule.untilMs === null || day * DAY_MS + startMs <= rule.untilMs;
  return { startMs, durationMs, isOn: (day) => isBefore(day) && fallsOn(rule, first, day) };
}

function weekdayOf(day: number): (typeof WEEKDAYS)[number] {
  return WEEKDAYS[(((day + 3) % 7) + 7) % 7] ?? 'mon';
}

function minutes(timeOfDay: string): number {
  const [hours = 0, rest = 0] = timeOfDay.split(':').map(Number);
  return hours * 60 + rest;
}
