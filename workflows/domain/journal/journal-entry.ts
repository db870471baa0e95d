import type { Iso } from '../time.ts';

export type JournalEventType =
  | 'run-started'
  | 'phase-changed'
  | 'targets-chosen'
  | 'release-prepared'
  | 'step-started'
  | 'step-ended'
  | 'member-started'
  | 'member-ended'
  | 'window-closed'
  | 'policy-applies'
  | 'policy-denied'
  | 'freeze-overridden'
  | 'gate-decided'
  | 'gate-overridden'
  | 'gate-reminder'
  | 'command-accepted'
  | 'command-refused'
  | 'breach'
  | 'breach-accepted'
  | 'rollback-started'
  | 'rollback-ended'
  | 'compensation-failed'
  | 'run-ended';

/** One event of a run, in order. `data` is small plain JSON: ids, counters, reasons; never lists of devices or secrets. */
export interface JournalEntry {
  /** 1-based, without gaps within a run. */
  readonly seq: number;
  readonly at: Iso;
  readonly type: JournalEventType;
  /** One line for people. */
  readonly summary: string;
  readonly data: Readonly<Record<string, unknown>>;
}
