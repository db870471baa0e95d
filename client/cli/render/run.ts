import pico from 'picocolors';
import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { tellTime, type Clock } from '../../engine/runs/clock.ts';
import type { RunPicture } from '../../engine/runs/describe-run.ts';
import { describeWaves } from '../../engine/runs/describe-waves.ts';
import type { RunStatus } from '../../engine/runs/run-status.ts';
import { leftOf, reasonOf, stoppingOf } from '../../engine/runs/status-document.ts';
import { labelled } from './lines.ts';
import { waveLine } from './progress.ts';
import { renderTable } from './table.ts';

export interface Look {
  readonly colour: boolean;
  readonly width: number;
  readonly clock: Clock;
}

/** The six answers of a run as one block. */
export function renderRun(run: string, picture: RunPicture, { colour, width }: Look): string {
  const paint = pico.createColors(colour);
  const lines = [
    paint.bold(picture.title),
    `${run}  ${picture.headline}`,
    labelled('doing', picture.doing, width),
    ...(picture.waiting === null ? [] : [labelled('waiting', `for ${picture.waiting}`, width)]),
    labelled('why', picture.why, width),
    labelled('so far', picture.soFar, width),
    labelled('next', picture.next, width),
  ];
  picture.youCan.forEach(({ action, command }, index) => {
    // Never broken: a command is there to be copied.
    lines.push(`${(index === 0 ? 'you can' : '').padEnd(10)}${action.padEnd(10)} ${paint.cyan(command)}`);
  });
  return lines.join('\n');
}

/** `deploy status`: one line of facts, then a bar for each wave that began. */
export function renderStatus(status: RunStatus, { colour, clock }: Look): string {
  const { row, waves, progress } = status;
  const reason = reasonOf(row.view);
  const left = leftOf(status);
  const ended = row.completedAt ? ` · ended ${tellTime(row.completedAt, clock)}` : '';
  return [
    `${row.run}  ${row.phase.toUpperCase()}  ${progress} %  ${row.firmware.name} ${row.firmware.version} → ${row.environment}`,
    `started ${tellTime(row.startedAt, clock)} by ${row.startedBy}${ended}`,
    ...(row.closed ? [] : [nowDoing(status)]),
    ...(reason === null ? [] : [`reason: ${reason}`]),
    ...(left === 0 ? [] : [`left behind: ${left} devices`]),
    ...waves.filter(({ counts }) => counts.offered > 0).map((wave) => waveLine(wave, colour)),
  ].join('\n');
}

function nowDoing({ row: { run, view }, wayBack }: RunStatus): string {
  if (!view) return 'now: starting, no worker has taken it yet';
  const { waiting, step, state } = view;
  const stopping = stoppingOf(view);
  if (stopping !== null) return `now: ${stopping}`;
  if (state.phase === 'rolling-back')
    return `now: rolling back, ${wayBack.returned} of ${wayBack.devices} devices are back`;
  if (waiting) return `now: waits for role ${waiting.policy.role} to open ${waiting.opens}   ·   sluice approve ${run}`;
  return `now: ${step?.summary ?? 'choosing devices'}${view.pausing ? ' (pausing: this ends first)' : ''}`;
}

/** A status as one line, for a pipe. */
export function statusLine(status: RunStatus): string {
  const { row, progress } = status;
  const isForward = !row.closed && row.phase !== 'rolling-back';
  const step = isForward && row.view?.step ? `  ${row.view.step.summary}` : '';
  const reason = reasonOf(row.view);
  return `${row.phase.toUpperCase()} ${progress} %${step} · ${describeWaves(status)}${reason === null ? '' : ` · ${reason}`}`;
}

/** `deploy list` and `run list`. */
export function renderRuns(rows: readonly RunRow[], clock: Clock): string {
  if (rows.length === 0) return 'no runs yet   ·   sluice deploy execute --plan-id ID';
  return renderTable(
    ['RUN', 'STATUS', 'ENVIRONMENT', 'FIRMWARE', 'STARTED'],
    rows.map((row) => [
      row.run,
      row.phase,
      row.environment,
      `${row.firmware.name} ${row.firmware.version}`,
      tellTime(row.startedAt, clock),
    ]),
  );
}

/** One journal entry as one line. */
export const eventLine = ({ seq, at, type, summary }: JournalEntry): string =>
  `${at.slice(0, 19)}Z  ${String(seq).padStart(3)}  ${type.padEnd(16)}  ${summary}`;
