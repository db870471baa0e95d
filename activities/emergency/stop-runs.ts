import { Context } from '@temporalio/activity';
import { NO_RUNS, type RunEnd, type StoppedRun } from '#domain/emergency/emergency.ts';
import { stopCommand, type StopCommand } from '#domain/emergency/stop-run.ts';
import { errorReport } from '#domain/errors/failure.ts';
import type { StoppedRuns, StopRunsInput } from '#domain/ports/emergency.port.ts';
import type { CommandEnvelope } from '#domain/run/commands.ts';
import type { RunRow } from '../adapters/postgres/runs.ts';
import { heldBooks } from '../adapters/temporal/hold-coordinator.ts';
import { failureOf } from '../runtime/fail.ts';
import type { EmergencyDeps } from './deps.ts';
import { endsOf, runsOfEmergency } from './runs-of-emergency.ts';

const LOOK_AGAIN_MS = 500;
const LOOKS_BETWEEN_CLOSING = 10;
const BOOKS_WITHIN_MS = 5_000;
/** Told at once; more would only queue at the server. */
const TOLD_AT_ONCE = 20;
/** A report is read by people, and has to fit into a history. */
const MOST_LISTED = 200;
const LONGEST_REASON = 200;

/** One look: every open run is told to stop, unless it stops already. Fails benignly while one is open and there is time. */
export async function stopRuns(deps: EmergencyDeps, input: StopRunsInput): Promise<StoppedRuns> {
  const before = await runsOfEmergency(deps.pool, input);
  if (before.some(({ closed }) => !closed)) await tellAll(deps, input, before);
  const after = await endsOf(deps.pool, await runsOfEmergency(deps.pool, input));
  const { currentAttemptScheduledTimestampMs: now, attempt: look } = Context.current().info;
  if (after.every(({ end }) => end !== 'open') || now >= Date.parse(input.untilAt)) return summed(after);
  throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: LOOK_AGAIN_MS });
}

async function tellAll(deps: EmergencyDeps, input: StopRunsInput, rows: readonly RunRow[]): Promise<void> {
  const books = await heldBooks(await deps.temporal(), input, BOOKS_WITHIN_MS);
  const toTell = rows.flatMap((row) => {
    const command = row.closed ? null : stopCommand(row, books);
    return command === null ? [] : [{ row, command }];
  });
  for (let from = 0; from < toTell.length; from += TOLD_AT_ONCE) {
    await Promise.all(toTell.slice(from, from + TOLD_AT_ONCE).map((one) => tell(deps, input, one)));
  }
  if (Context.current().info.attempt % LOOKS_BETWEEN_CLOSING !== 0) return;
  // One that was terminated on its way back says nothing any more.
  const silent = rows.filter((row) => !row.closed && !toTell.some((one) => one.row === row));
  for (const row of silent) await deps.closeRow(row);
}

async function tell(
  deps: EmergencyDeps,
  input: StopRunsInput,
  { row, command }: { readonly row: RunRow; readonly command: StopCommand },
): Promise<void> {
  const told = await deps.tell(row, command, envelopeOf(input, command));
  const { run } = row;
  if (told.kind === 'gone') await deps.closeRow(row);
  if (told.kind === 'taken') deps.logger.info({ run, command }, 'told to stop');
  else deps.logger.warn({ run, command, ...told }, 'not told to stop; tried again');
}

const envelopeOf = ({ id, startedBy }: StopRunsInput, command: StopCommand): CommandEnvelope => ({
  // The same at every look: a run that has taken it does nothing a second time.
  commandId: `${id}-${command}`,
  by: startedBy.by,
  via: 'emergency',
  verified: startedBy.verified,
  reason: `${startedBy.reason} (${id})`,
});

const shortened = (run: StoppedRun): StoppedRun => ({ ...run, reason: run.reason.slice(0, LONGEST_REASON) });

function summed(runs: readonly StoppedRun[]): StoppedRuns {
  const counts: Record<RunEnd, number> = { ...NO_RUNS };
  for (const { end } of runs) counts[end] += 1;
  const isWell = ({ end }: StoppedRun): number => (end === 'open' || end === 'incomplete' ? 0 : 1);
  return {
    runs: runs
      .toSorted((one, other) => isWell(one) - isWell(other))
      .slice(0, MOST_LISTED)
      .map(shortened),
    counts,
  };
}
