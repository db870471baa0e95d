import { PHASES, isClosed, type Phase } from '../run/run-state.ts';
import type { JournalEntry, JournalEventType } from './journal-entry.ts';

/** What others are told of one entry of a run. */
export interface Outgoing {
  readonly seq: number;
  readonly topic: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** What people outside want to hear of; the rest of the journal is there for those who look. */
const TOLD: ReadonlySet<JournalEventType> = new Set([
  'run-started',
  'gate-decided',
  'gate-overridden',
  'policy-denied',
  'gate-reminder',
  'freeze-overridden',
  'breach',
  'rollback-started',
  'rollback-ended',
  'compensation-failed',
  'run-ended',
]);
const NOTABLE: ReadonlySet<Phase> = new Set(['awaiting-approval', 'waiting-for-window', 'paused', 'rolling-back']);

/** The outbox rows of journal entries: one for each that is worth telling, its type being the topic. */
export function outgoingOf(entries: readonly JournalEntry[]): Outgoing[] {
  return entries.filter(isTold).map(({ seq, at, type, summary, data }) => ({
    seq,
    topic: type,
    payload: { at, summary, data },
  }));
}

function isTold({ type, data }: JournalEntry): boolean {
  if (type !== 'phase-changed') return TOLD.has(type);
  const phase = PHASES.find((one) => one === data['phase']);
  return phase !== undefined && (NOTABLE.has(phase) || isClosed(phase));
}
