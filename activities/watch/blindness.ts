/** Looks in a row that saw nothing at all, as heartbeat details: they outlive an attempt on a real server. */
export interface Blindness {
  readonly looks: number;
  readonly sinceMs: number;
}

const BLIND_LOOKS = 5;
/** A database that restarts, or is moved, must not take a fleet back. */
const BLIND_FOR_MS = 5 * 60_000;

/** One more look that saw nothing; `details` are those of the attempt before. */
export function anotherBlindLook(details: unknown, nowMs: number): Blindness {
  const before = isBlindness(details) ? details : { looks: 0, sinceMs: nowMs };
  return { looks: before.looks + 1, sinceMs: before.sinceMs };
}

/** True when the watch has to say that it cannot see: after enough looks and long enough. */
export const isTooBlind = ({ looks, sinceMs }: Blindness, nowMs: number): boolean =>
  looks >= BLIND_LOOKS && nowMs - sinceMs >= BLIND_FOR_MS;

function isBlindness(details: unknown): details is Blindness {
  return (
    typeof details === 'object' &&
    details !== null &&
    'looks' in details &&
    typeof details.looks === 'number' &&
    'sinceMs' in details &&
    typeof details.sinceMs === 'number'
  );
}
