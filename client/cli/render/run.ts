import pico from 'picocolors';
import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { Iso } from '#domain/time.ts';
import type { AllowedCommand } from '../../engine/runs/allowed-commands.ts';
import { stopwatch, tellRoughly, tellSecond, tellTime, type Clock } from '../../engine/runs/clock.ts';
import type { RunPicture } from '../../engine/runs/describe-run.ts';
import { inGroups } from '../../engine/runs/describe-waves.ts';
import type { RunStatus } from '../../engine/runs/run-status.ts';
import { reasonOf } from '../../engine/runs/status-document.ts';
import { fitRows, labelled, wrap, type Part } from './lines.ts';
import { forPeople } from './printable.ts';
import { trafficBars, waveLine } from './progress.ts';
import { renderTable } from './table.ts';

export interface Look {
  readonly colour: boolean;
  /** Of texts, which are broken at it. */
  readonly width: number;
  /** Of lists, which would lose something: without limit in a pipe. */
  readonly listWidth: number;
  /** Lines that can be seen at once; without limit where they are kept. */
  readonly rows: number;
  readonly clock: Clock;
}

/** The six answers of a run as one block. */
export const renderRun = forPeople((run: string, picture: RunPicture, look: Look): string =>
  fitRows([...answers(run, picture, look), { rank: 0, lines: commands(picture.youCan, look) }], look.rows).join('\n'),
);

/** The same with a bar for each wave that began, as it is shown again and again: `deploy status` and `run watch`. */
export const renderStatus = forPeople((status: RunStatus, picture: RunPicture, look: Look): string => {
  const { run } = status.row;
  const bars: Part = { rank: 2, lines: barsOf(status, look.colour) };
  // In a view that fills the terminal the commands are typed elsewhere.
  const isDrawn = Number.isFinite(look.rows);
  const what = isDrawn ? briefly(run, picture.youCan, look) : commands(picture.youCan, look);
  const parts = [...answers(run, picture, look), { rank: 1, lines: what }];
  const soFar = parts.findIndex(({ lines }) => lines[0]?.startsWith('so far'));
  return fitRows(parts.toSpliced(soFar + 1, 0, bars), look.rows).join('\n');
});

function answers(run: string, picture: RunPicture, { colour, width }: Look): Part[] {
  const paint = pico.createColors(colour);
  const part = (rank: number, label: string, text: string | null): Part[] =>
    text === null ? [] : [{ rank, lines: labelled(label, text, width) }];
  return [
    { rank: 0, lines: [paint.bold(picture.title)] },
    { rank: 0, lines: [`${run}  ${picture.headline}`] },
    ...part(4, 'since', picture.since),
    ...part(0, 'doing', picture.doing),
    ...part(0, 'waiting', picture.waiting),
    ...part(3, 'why', picture.why),
    ...part(0, 'so far', picture.soFar),
    ...part(1, 'devices', picture.devices),
    ...part(1, 'next', picture.next),
    ...part(1, 'back', picture.back),
  ];
}

/** Each command on a line of its own, never broken: it is there to be copied. The reason goes where it does not fit. */
function commands(youCan: readonly AllowedCommand[], { colour, width }: Look): string[] {
  if (youCan.length === 0) return [];
  const paint = pico.createColors(colour);
  const lines = youCan.map(({ command }) => `  ${paint.cyan(fitting(command, width - 2))}`);
  return [...labelled('you can', youCan.map(({ action }) => action).join(' · '), width), ...lines];
}

const fitting = (command: string, width: number): string =>
  command.length <= width ? command : command.replace(/ --(?:reason|comment) "…"$/, '');

/** What can be done, and the one command that is asked for. */
function briefly(run: string, youCan: readonly AllowedCommand[], { colour, width }: Look): string[] {
  const [first] = youCan;
  if (first === undefined) return [];
  const paint = pico.createColors(colour);
  const command = first.action === 'approve' ? first.command : `sluice run show ${run}`;
  const actions = labelled('you can', youCan.map(({ action }) => action).join(' · '), width);
  return [...actions, `          ${paint.cyan(fitting(command, width - 10))}`];
}

function barsOf({ row, waves }: RunStatus, colour: boolean): string[] {
  if (row.view?.traffic) return trafficBars(row.view.traffic, row.subject.version, colour);
  const begun = waves.filter(({ counts }) => counts.offered > 0);
  return inGroups(begun, row.view?.waves ?? []).map(({ label, tally }) => waveLine(label, tally, colour));
}

/** A status as one line, for a pipe. */
export const statusLine = forPeople((status: RunStatus, picture: RunPicture): string => {
  const { row, progress } = status;
  const isForward = !row.closed && !STANDING.has(row.phase);
  const step = isForward && row.view?.step ? `  ${row.view.step.summary}` : '';
  const waiting = waitingPart(status, picture);
  const reason = reasonOf(row.view);
  const why = reason === null ? '' : ` · ${reason}`;
  return `${row.phase.toUpperCase()} ${progress} %${step}${waiting} · ${picture.soFar}${why}`;
});

/** Where the step that stands in the view is not what goes on. */
const STANDING: ReadonlySet<Phase> = new Set<Phase>(['rolling-back', 'paused', 'queued']);

/** Without the times, which would make a new line of every second. */
function waitingPart({ row }: RunStatus, { waiting }: RunPicture): string {
  const parts = waiting?.split(' · ') ?? [];
  if (row.phase === 'queued')
    return parts
      .slice(0, -1)
      .map((part) => ` · ${part}`)
      .join('');
  if (row.phase !== 'awaiting-approval' || !row.view?.waiting) return '';
  return ` · waits ${parts[0] ?? 'for people'}`;
}

/** `deploy list` and `run list`; `filters` are those that the rows were chosen by, as they are typed. */
export const renderRuns = forPeople((rows: readonly RunRow[], look: Look, filters: readonly string[] = []): string => {
  const { listWidth, clock } = look;
  if (rows.length === 0) return noRuns(filters);
  return renderTable(
    [
      { head: 'RUN', cell: ({ run }) => run },
      { head: 'STATUS', cell: ({ phase }) => phase },
      {
        head: 'STARTED',
        cell: ({ startedAt }) => tellTime(startedAt, clock),
        short: ({ startedAt }) => tellRoughly(startedAt, clock),
        cutTo: 10,
      },
      { head: 'DELIVERS', cell: ({ subject }) => `${subject.name} ${subject.version}`, cutTo: 8 },
      { head: 'ENVIRONMENT', cell: ({ environment }) => environment, cutTo: 6 },
    ],
    rows,
    listWidth,
  );
});

const noRuns = (filters: readonly string[]): string =>
  filters.length === 0
    ? 'no runs yet   ·   sluice deploy execute --plan-id ID'
    : `no run matches ${filters.join(' ')}   ·   all: sluice run list`;

const CONTINUED = ' '.repeat(5);

/** One journal entry: when, how long after the first one, and what; one line where lines may have any length. */
export const eventLine = forPeople(
  ({ seq, at, type, summary }: JournalEntry, firstAt: Iso, { listWidth, clock }: Look): string => {
    const after = stopwatch(Date.parse(at) - Date.parse(firstAt));
    const text = `${tellSecond(at, clock)}  +${after}  ${type.padEnd(16)}  ${summary}`;
    const lines = text.length + CONTINUED.length <= listWidth ? [text] : wrap(text, listWidth - CONTINUED.length);
    return `${String(seq).padStart(3)}  ${lines.join(`\n${CONTINUED}`)}`;
  },
);
