import type { WorkflowExecutionDescription } from '@temporalio/client';

/** Start, workflow task scheduled, started, and timed out or failed; a first task that is done has a command as its fifth. */
const EVENTS_BEFORE_ITS_FIRST_WORD = 4;
/** How far the clocks of a cluster's servers may be apart. One that is set back farther hides a holder from a new coordinator. */
const CLOCKS_APART_MS = 10_000;

interface Begun extends Pick<WorkflowExecutionDescription, 'startTime' | 'historyLength'> {
  /** False for one that goes on in a new history: it spoke in its first one. */
  readonly isFirst: boolean;
}

/** True for one whose first task is surely not done, and for one that began when the coordinator was there already. */
export function willSpeak({ startTime, historyLength, isFirst }: Begun, openedAt: Date): boolean {
  if (!isFirst) return false;
  return historyLength <= EVENTS_BEFORE_ITS_FIRST_WORD || startTime.getTime() > openedAt.getTime() + CLOCKS_APART_MS;
}
