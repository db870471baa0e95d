import { DateTime } from 'luxon';
import type { RunFilter } from '../../../activities/adapters/postgres/runs.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';
import { isClosed, PHASES, type Phase } from '#domain/run/run-state.ts';
import { parseDurationMs, type Iso } from '#domain/time.ts';

/** Which runs somebody asks for, in the words that they typed. */
export interface RunWish extends Pick<RunFilter, 'environment' | 'kind' | 'startedBy' | 'limit'> {
  /** The application, or the firmware. */
  readonly application?: string | undefined;
  /** Phases, `open` and `closed`; none given at all asks for every phase. */
  readonly phase?: readonly string[] | undefined;
  /** `2h` or `7d` back from now, or an ISO 8601 time. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/**
 * The filter behind a wish; times without an offset are those of this machine's clock. Throws USAGE for a phase or a time
 * that is none, and for an end before the beginning.
 */
export function runFilterOf(wish: RunWish, now: Iso): RunFilter {
  const { environment, application, phase, kind, startedBy, limit } = wish;
  const since = timeOf(wish.since, '--since', now);
  const until = timeOf(wish.until, '--until', now);
  if (since !== undefined && until !== undefined && since > until) {
    const found = `--since ${since}, --until ${until}`;
    const hint = 'exchange them: --since is the earlier time';
    throw usage('--since is after --until: no run could be between them', { where: '--since', found, hint });
  }
  const phases = phase === undefined ? undefined : phasesOf(phase);
  return { environment, delivered: application, phases, kind, since, until, startedBy, limit };
}

const WORDS: readonly string[] = ['open', 'closed', ...PHASES];

function phasesOf(words: readonly string[]): readonly Phase[] {
  const hint = `expected one or more of ${WORDS.join(', ')}`;
  if (words.length === 0) throw usage('--phase names no phase', { where: '--phase', found: '""', hint });
  const unknown = words.find((word) => !WORDS.includes(word));
  if (unknown !== undefined) {
    throw usage(`there is no phase ${unknown}`, { where: '--phase', found: JSON.stringify(unknown), hint });
  }
  return PHASES.filter((phase) => words.includes(phase) || words.includes(isClosed(phase) ? 'closed' : 'open'));
}

/** Luxon also reads `12:30` and weeks: a date is always meant here. */
const BEGINS_WITH_A_DATE = /^\d{4}-\d\d-\d\d/;
const LATEST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function timeOf(text: string | undefined, where: string, now: Iso): Iso | undefined {
  if (text === undefined) return undefined;
  const backMs = parseDurationMs(text);
  const at = backMs === null ? dateOf(text) : Date.parse(now) - backMs;
  // Nothing ran before 1970 or runs after 9999, and PostgreSQL does not know every year that can be written.
  if (Number.isFinite(at)) return new Date(Math.min(Math.max(0, at), LATEST_MS)).toISOString();
  const hint = 'give a duration back from now, such as 2h or 7d, or an ISO time, such as 2026-01-31T08:00Z';
  throw usage(`${where} is no time`, { where, found: JSON.stringify(text), hint });
}

const dateOf = (text: string): number => (BEGINS_WITH_A_DATE.test(text) ? DateTime.fromISO(text).toMillis() : NaN);

const usage = (why: string, place: { where: string; found: string; hint: string }): SluiceError =>
  sluiceError('USAGE', { why }, place);
