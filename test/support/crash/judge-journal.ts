// Whether the run's journal is whole, tells every command once, and everything was told outside that is to be.
import { isDeepStrictEqual } from 'node:util';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { outgoingOf } from '#domain/journal/outgoing.ts';
import { listEvents } from '../../../client/engine/runs/follow-events.ts';
import { readRecord } from '../../../client/engine/runs/read-record.ts';
import { settled } from './settled.ts';
import type { JudgedRun } from './judged-run.ts';

export async function judgeJournal(trial: JudgedRun, phase: Phase): Promise<string[]> {
  const entries = await listEvents(trial.world.deps, trial.run);
  const gaps = entries.flatMap(({ seq }, at) =>
    seq === at + 1 ? [] : [`journal: ${at + 1} is missing before ${seq}`],
  );
  return [
    ...gaps.slice(0, 1),
    ...judgeEnd(entries, phase),
    ...judgeCommands(trial.taken, entries),
    ...judgeOutbox(await readOutbox(trial), entries),
    ...(await settled(() => compareWithWorkflow(trial, entries))),
  ];
}

function judgeEnd(entries: readonly JournalEntry[], phase: Phase): string[] {
  const ends = entries.filter(({ type }) => type === 'run-ended');
  const [end] = ends;
  return [
    ...(ends.length === 1 ? [] : [`journal: ${ends.length} final entries`]),
    ...(entries.at(-1)?.type === 'run-ended' ? [] : ['journal: the last entry is not the final one']),
    ...(end === undefined || end.data['phase'] === phase ? [] : [`journal: it ends ${String(end.data['phase'])}`]),
  ];
}

/** A command that was answered stands there once, and none stands there twice. */
export function judgeCommands(taken: readonly string[], entries: readonly JournalEntry[]): string[] {
  const commands = entries.flatMap(({ data }) => (typeof data['commandId'] === 'string' ? [data['commandId']] : []));
  const lost = taken.filter((id) => !commands.includes(id));
  const twice = commands.filter((id, at) => commands.indexOf(id) !== at);
  return [
    ...lost.map((id) => `journal: command ${id} was answered and is lost`),
    ...twice.map((id) => `journal: command ${id} counts twice`),
  ];
}

/** The outbox's rows of the run, as `seq topic`. */
async function readOutbox({ world, run }: JudgedRun): Promise<string[]> {
  const { rows } = await world.pool.query<{ message: string }>(
    `select seq || ' ' || topic as message from outbox where run_id = $1 order by seq, topic`,
    [run],
  );
  return rows.map(({ message }) => message);
}

/** What goes out of the journal is `there` once, and nothing else is. */
export function judgeOutbox(there: readonly string[], entries: readonly JournalEntry[]): string[] {
  const due = outgoingOf(entries).map(({ seq, topic }) => `${seq} ${topic}`);
  return [
    ...due.filter((one) => !there.includes(one)).map((one) => `outbox: ${one} is missing`),
    ...there
      .filter((one, at) => !due.includes(one) || there.indexOf(one) !== at)
      .map((one) => `outbox: ${one} too many`),
  ];
}

async function compareWithWorkflow({ world, started }: JudgedRun, entries: readonly JournalEntry[]): Promise<string[]> {
  const record = await readRecord(await world.deps.temporal(), started.workflowId);
  if (!record) return ['no worker can tell the run’s own record'];
  // jsonb sorts keys, at every depth.
  const differ = record.entries.find((entry, at) => !isDeepStrictEqual(JSON.parse(JSON.stringify(entry)), entries[at]));
  if (record.entries.length === entries.length && !differ) return [];
  return [
    `journal: the workflow has ${record.entries.length} entries, PostgreSQL ${entries.length}; ${differ?.summary ?? ''}`,
  ];
}
