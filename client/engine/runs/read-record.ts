import type { Client } from '@temporalio/client';
import { runState, runTimeline } from '../../../workflows/runtime/run.messages.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { RunView } from '#domain/run/run-view.ts';

/** A worker that runs answers in milliseconds; without one the server would wait for long. */
const ANSWER_WITHIN_MS = 5_000;

/** What a run's workflow says of itself, read from its history. */
export interface RunRecordCopy {
  readonly entries: readonly JournalEntry[];
  readonly view: RunView;
}

/** The record of an open, closed or terminated run; null when no worker answers in 5 s. */
export async function readRecord(client: Client, workflowId: string): Promise<RunRecordCopy | null> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.connection.withDeadline(Date.now() + ANSWER_WITHIN_MS, async () => ({
      entries: await handle.query(runTimeline),
      view: await handle.query(runState),
    }));
  } catch {
    // No worker, or one that cannot replay it: either way its record has to wait.
    return null;
  }
}
