import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { FailureExample } from '#domain/ports/fleet.port.ts';
import { isClosed, type RunState } from '#domain/run/run-state.ts';
import type { Iso } from '#domain/time.ts';

/** How a run's workflow ended, when the run itself could not say so. */
export interface Ending {
  /** Temporal's status, or `MISSING`. */
  readonly status: string;
  readonly at: Iso;
  readonly why: string;
}

/** What a run that was cut short left at its devices. */
export interface LeftBehind {
  /** Whether any device was offered anything: before it, the way back of the fleet was registered. */
  readonly hasOffered: boolean;
  /** Devices on the new version, or perhaps, that did not come back; they stand in `rollback_targets`. */
  readonly left: number;
  readonly examples: readonly FailureExample[];
}

/** By this name a run registers the way back of its devices. */
const FLEET = 'fleet';

/** The closed state of such a run: what it had reached if that was an end, else cancelled or failed with the reason. */
export function finalState(reached: RunState | null, ending: Ending): RunState {
  if (reached && isClosed(reached.phase)) return reached;
  const phase = ending.status === 'CANCELED' ? 'cancelled' : 'failed';
  return { phase, since: ending.at, reason: ending.why };
}

/** The journal entries that such a run did not come to write, after those in `known`. */
export function finalEntries(
  known: readonly JournalEntry[],
  reached: RunState | null,
  ending: Ending,
  behind: LeftBehind,
): JournalEntry[] {
  const { phase } = finalState(reached, ending);
  const seq = (known.at(-1)?.seq ?? 0) + 1;
  const { left, examples } = behind;
  const missed = missedWayBack(known, behind);
  const data = { phase, reason: ending.why, left, reconciled: true };
  const said = left > 0 ? `; ${left} devices are left on the new version, or may be` : '';
  const end = { at: ending.at, type: 'run-ended', summary: `${phase}: ${ending.why}${said}`, data } as const;
  if (missed === null) return [{ ...end, seq }];
  const back = { compensation: FLEET, why: missed, left, examples, reconciled: true };
  const summary = `${FLEET} could not be taken back: ${missed}; ${left} devices left`;
  return [
    { seq, at: ending.at, type: 'compensation-failed', summary, data: back },
    { ...end, seq: seq + 1 },
  ];
}

/** Why the way back that was registered did not bring everybody back; null when there was none to go or it was gone. */
function missedWayBack(known: readonly JournalEntry[], { hasOffered }: LeftBehind): string | null {
  const has = (type: JournalEntry['type']): boolean => known.some((entry) => entry.type === type);
  if (!hasOffered || has('rollback-ended') || has('compensation-failed')) return null;
  return has('rollback-started')
    ? 'the run was cut short on its way back'
    : 'the run was cut short before its way back';
}
