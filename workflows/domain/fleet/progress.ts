import { formatDuration, type Iso } from '../time.ts';
import { executed, pending, type WaveCounts } from './counts.ts';

/** Since when nothing moves in a wave, as far as somebody looked. Plain JSON: it outlives an attempt as heartbeat details. */
export interface Stillness {
  /** Devices that began, and those that ended: what counts as progress. */
  readonly started: number;
  readonly ended: number;
  /** When that changed last, or was first looked at. */
  readonly since: Iso;
  /** How long it was seen unchanged. */
  readonly stillMs: number;
  readonly seenAt: Iso;
}

/** Looks come each second. What lies between two that are further apart nobody saw: a database or a whole stack was away. */
const SEEN_GAP_MS = 10_000;

/** One more look at a wave; `before` is the look before, null at the first one. Time that nobody saw does not count. */
export function lookAgain(before: Stillness | null, counts: WaveCounts, now: Iso): Stillness {
  const ended = executed(counts);
  const moved = { started: ended + counts.inProgress, ended };
  if (before === null || before.started !== moved.started || before.ended !== moved.ended) {
    return { ...moved, since: now, stillMs: 0, seenAt: now };
  }
  const gapMs = Math.max(0, Date.parse(now) - Date.parse(before.seenAt));
  return { ...before, stillMs: before.stillMs + Math.min(gapMs, SEEN_GAP_MS), seenAt: now };
}

/** `wave 2: no progress within 2 h: nothing moved since …, 12 devices waited for (9 not begun, 3 in progress)`. */
export function describeStall(wave: number, stall: Stall): string {
  const { deadlineMs, since, waitedFor, inProgress } = stall;
  const devices = waitedFor === 1 ? '1 device' : `${waitedFor} devices`;
  return `wave ${wave}: no progress within ${formatDuration(deadlineMs)}: nothing moved since ${since}, ${devices} waited for (${waitedFor - inProgress} not begun, ${inProgress} in progress)`;
}

/** A wave in which nothing moved for its progress deadline. */
export interface Stall {
  readonly deadlineMs: number;
  readonly since: Iso;
  /** Devices that did not end; those that the rate limit still kept back among them. */
  readonly waitedFor: number;
  readonly inProgress: number;
}

/** What a wave that stands still waits for; `unreleased` are devices that the rate limit keeps back. */
export const stallOf = (
  { since }: Stillness,
  deadlineMs: number,
  { wave, unreleased }: { readonly wave: WaveCounts; readonly unreleased: number },
): Stall => ({ deadlineMs, since, waitedFor: pending(wave) + unreleased, inProgress: wave.inProgress });
