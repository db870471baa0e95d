import { createLogUpdate } from 'log-update';
import { EXIT_RUN_NOT_COMPLETED } from '#domain/errors/kinds.ts';
import { findRun } from '../../engine/runs/find-run.ts';
import type { RunStatus } from '../../engine/runs/run-status.ts';
import { statusDocument } from '../../engine/runs/status-document.ts';
import { watchRun } from '../../engine/runs/watch-run.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED, interruption } from '../interruption.ts';
import { lookOf } from '../look.ts';
import { renderStatus, statusLine } from '../render/run.ts';

/**
 * Follows a run to its end: redrawn in place in a terminal, one line a change in a pipe, one document at the end with
 * `--output json`. Exit code 0 when it completed, 7 when it ended otherwise, 130 after Ctrl-C, which leaves it alone.
 */
export async function watch(context: CliContext, text: string): Promise<void> {
  const { run } = await findRun(context.deps(), text);
  const stop = interruption();
  const display = displayFor(context);
  let last: RunStatus | undefined;
  const following = { signal: stop.signal, note: (line: string) => context.note(line) };
  try {
    for await (const status of watchRun(context.deps(), run, following)) {
      last = status;
      display.show(status);
    }
  } finally {
    stop.release();
    display.end();
  }
  if (context.output === 'json' && last) context.print(statusDocument(last), '');
  if (last?.row.closed !== true) {
    context.note(`the run goes on   ·   sluice run watch ${run}   ·   sluice deploy cancel --execution-id ${run}`);
    return context.exitWith(EXIT_INTERRUPTED);
  }
  if (last.row.phase !== 'completed') context.exitWith(EXIT_RUN_NOT_COMPLETED);
}

interface Display {
  show(status: RunStatus): void;
  end(): void;
}

function displayFor(context: CliContext): Display {
  if (context.output === 'json') return { show: () => undefined, end: () => undefined };
  // A terminal that does not know its size (0 rows) cannot be redrawn.
  return context.interactive && process.stdout.rows > 0 ? inPlace(context) : lineByLine(context);
}

function inPlace(context: CliContext): Display {
  const draw = createLogUpdate(process.stdout);
  return { show: (status) => draw(renderStatus(status, lookOf(context))), end: () => draw.done() };
}

function lineByLine(context: CliContext): Display {
  let before = '';
  const show = (status: RunStatus): void => {
    const line = statusLine(status);
    if (line !== before) context.stream(null, `${new Date().toISOString().slice(0, 19)}Z  ${line}`);
    before = line;
  };
  return { show, end: () => undefined };
}
