import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { findRun } from '../../engine/runs/find-run.ts';
import { followEvents as follow, listEvents } from '../../engine/runs/follow-events.ts';
import { listRuns as list } from '../../engine/runs/list-runs.ts';
import { loadRunStatus } from '../../engine/runs/run-status.ts';
import { showRun as show } from '../../engine/runs/show-run.ts';
import { runDocument, statusDocument } from '../../engine/runs/status-document.ts';
import type { CliContext } from '../context.ts';
import { interruption } from '../interruption.ts';
import { lookOf } from '../look.ts';
import { eventLine, renderRun, renderRuns, renderStatus } from '../render/run.ts';

export async function listRuns(
  context: CliContext,
  options: { environment?: string; phase?: string; limit: number },
  key: string,
): Promise<void> {
  const rows = await list(context.deps(), options);
  context.print({ [key]: rows.map(runDocument) }, renderRuns(rows, lookOf(context).clock));
}

export async function showRun(context: CliContext, text: string): Promise<void> {
  const look = lookOf(context);
  const { status, picture } = await show(context.deps(), text, look.clock.timeZone);
  const { doing, why, soFar, next, waiting, youCan } = picture;
  const document = {
    ...statusDocument(status),
    answers: { doing, why, so_far: soFar, next, waiting, you_can: youCan },
  };
  context.print(document, renderRun(status.row.run, picture, look));
}

export async function showStatus(context: CliContext, text: string): Promise<void> {
  const status = await loadRunStatus(context.deps(), text);
  context.print(statusDocument(status), renderStatus(status, lookOf(context)));
}

export async function printEvents(context: CliContext, text: string): Promise<void> {
  const { run } = await findRun(context.deps(), text);
  const events = await listEvents(context.deps(), run);
  const document = { execution_id: run, events: events.map((event) => eventDocument(run, event)) };
  context.print(document, events.length === 0 ? 'no events yet' : events.map(eventLine).join('\n'));
}

/** One JSON event a line for scripts, in a pipe too; lines for people in a terminal. */
export async function followEvents(context: CliContext, text: string): Promise<void> {
  const { run } = await findRun(context.deps(), text);
  const stop = interruption();
  try {
    for await (const event of follow(context.deps(), run, {
      signal: stop.signal,
      note: (line) => context.note(line),
    })) {
      const document = eventDocument(run, event);
      context.stream(document, context.interactive ? eventLine(event) : JSON.stringify(document));
    }
  } finally {
    stop.release();
  }
  if (stop.signal.aborted) context.note(`the run goes on   ·   sluice run watch ${run}`);
}

const eventDocument = (run: string, event: JournalEntry) => ({ execution_id: run, ...event });
