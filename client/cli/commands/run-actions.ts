import { emergencyIdFrom } from '#domain/emergency/emergency.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { describeRun } from '../../engine/runs/describe-run.ts';
import { findRun } from '../../engine/runs/find-run.ts';
import { followEvents as follow, listEvents } from '../../engine/runs/follow-events.ts';
import { listRuns as list } from '../../engine/runs/list-runs.ts';
import { answersDocument, devicesDocument, evidenceDocument } from '../../engine/runs/run-documents.ts';
import { listRunDevices, listRunEvidence } from '../../engine/runs/run-devices.ts';
import { loadRunFacts } from '../../engine/runs/run-facts.ts';
import type { RunWish } from '../../engine/runs/run-filter.ts';
import { runDocument, statusDocument } from '../../engine/runs/status-document.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED, interruption } from '../interruption.ts';
import { lookOf } from '../look.ts';
import { renderEvidence, renderRunDevices } from '../render/run-devices.ts';
import { eventLine, renderRun, renderRuns, renderStatus } from '../render/run.ts';
import { filterWords } from './list-options.ts';

/** `run list` and `deploy list`, which call the same rows by another `key`. */
export async function listRuns(context: CliContext, wish: RunWish, key: string): Promise<void> {
  const rows = await list(context.deps(), wish);
  context.print({ [key]: rows.map(runDocument) }, renderRuns(rows, lookOf(context), filterWords(wish)));
}

export async function showRun(context: CliContext, text: string): Promise<void> {
  if (emergencyIdFrom(text) !== null) return (await import('./emergency-actions.ts')).showReport(context, text, false);
  const look = lookOf(context);
  const facts = await loadRunFacts(context.deps(), text);
  const picture = describeRun(facts, look.clock);
  const document = { ...statusDocument(facts.status), ...answersDocument(facts, picture) };
  context.print(document, renderRun(facts.status.row.run, picture, look));
}

export async function showStatus(context: CliContext, text: string): Promise<void> {
  const look = lookOf(context);
  const facts = await loadRunFacts(context.deps(), text);
  const picture = describeRun(facts, look.clock);
  const document = { ...statusDocument(facts.status), ...answersDocument(facts, picture) };
  context.print(document, renderStatus(facts.status, picture, look));
}

export async function showDevices(
  context: CliContext,
  text: string,
  { state = [], limit }: { state?: readonly string[]; limit: number },
): Promise<void> {
  const found = await listRunDevices(context.deps(), text, { states: state, limit });
  const more = found.complete ? '' : `\n… and more: --limit ${limit} · --state narrows it`;
  context.print(devicesDocument(found), renderRunDevices(found.devices, lookOf(context)) + more);
}

export async function showEvidence(context: CliContext, text: string): Promise<void> {
  const found = await listRunEvidence(context.deps(), text);
  context.print(evidenceDocument(found), renderEvidence(found.evidence, lookOf(context).clock));
}

export async function printEvents(context: CliContext, text: string): Promise<void> {
  const run = emergencyIdFrom(text) ?? (await findRun(context.deps(), text)).run;
  const events = await listEvents(context.deps(), run);
  const document = { execution_id: run, events: events.map((event) => eventDocument(run, event)) };
  const line = lineOf(context);
  context.print(document, events.length === 0 ? 'no events yet' : events.map(line).join('\n'));
}

/** One JSON event a line for scripts, in a pipe too; lines for people in a terminal. Exit code 130 after Ctrl-C. */
export async function followEvents(context: CliContext, text: string): Promise<void> {
  const { run } = await findRun(context.deps(), text);
  const stop = interruption();
  const line = lineOf(context);
  try {
    for await (const event of follow(context.deps(), run, {
      signal: stop.signal,
      note: (note) => context.note(note),
    })) {
      const document = eventDocument(run, event);
      context.stream(document, context.interactive ? line(event) : JSON.stringify(document));
    }
  } finally {
    stop.release();
  }
  if (!stop.signal.aborted) return;
  context.note(`the run goes on   ·   sluice run watch ${run}`);
  context.exitWith(EXIT_INTERRUPTED);
}

/** Tells each entry by the time that passed since the first one. */
function lineOf(context: CliContext): (event: JournalEntry) => string {
  let firstAt: string | undefined;
  return (event) => {
    firstAt ??= event.at;
    return eventLine(event, firstAt, lookOf(context));
  };
}

const eventDocument = (run: string, event: JournalEntry) => ({ execution_id: run, ...event });
