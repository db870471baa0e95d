import { DateTime } from 'luxon';
import { sluiceError } from '#domain/errors/failure.ts';
import { parseDurationMs, type Iso } from '#domain/time.ts';

/** Luxon also reads `12:30` and weeks: a date is always meant here. */
const BEGINS_WITH_A_DATE = /^\d{4}-\d\d-\d\d/;

/** The moment behind `2h`, `7d` or an ISO time; without an offset it is one of this machine's clock. Throws USAGE. */
export function momentBefore(text: string, now: Iso): Iso {
  const backMs = parseDurationMs(text.trim());
  const date = BEGINS_WITH_A_DATE.test(text) ? DateTime.fromISO(text.trim()).toMillis() : Number.NaN;
  const atMs = backMs === null ? date : Date.parse(now) - backMs;
  if (Number.isFinite(atMs) && atMs >= 0 && atMs <= Date.parse(now)) return new Date(atMs).toISOString();
  const hint = 'give a duration back from now, such as 2h or 7d, or an ISO time, such as 2026-01-31T08:00Z';
  const why = Number.isFinite(atMs) ? '--to lies in the future' : '--to is no time';
  throw sluiceError('USAGE', { why }, { where: '--to', found: JSON.stringify(text), hint });
}
