import { createLogUpdate } from 'log-update';
import { EXIT_RUN_NOT_COMPLETED } from '#domain/errors/kinds.ts';
import { describeRun } from '../../engine/runs/describe-run.ts';
import { findRun } from '../../engine/runs/find-run.ts';
import { answersDocument } from '../../engine/runs/run-documents.ts';
import type { RunFacts } from '../../engine/runs/run-facts.ts';
import { statusDocument } from '../../engine/runs/status-document.ts';
import { watchRun } from '../../engine/runs/watch-run.ts';
import type { CliContext } from '../context.ts';
import { EXIT_INTERRUPTED, interruption } from '../interruption.ts';
import { lookAtOnce, lookOf } from '../look.ts';
import { safeText } from '../render/printable.ts';
import { renderStatus, statusLine } from '../render/run.ts';

/**
 * Follows a run to its end: redrawn in place in a terminal, one line a change in a pipe, one document at the end with
 * `--output json`. Exit code 0 when it completed, 7 when it ended otherwise, 130 after Ctrl-C, which leaves it alone.
 */
export async function watch(context: CliContext, text: string): Promise<void> {
  const { run } = await findRun(context.deps(), text);
  const stop = interruption();
  const display = displayFor(context);
  let last: RunFacts | undefined;
  const following = { signal: stop.signal, note: (line: string) => context.note(line) };
  try {
    for await (const facts of watchRun(context.deps(), run, following)) {
      last = facts;
      display.show(facts);
    }
  } finally {
    display.end();
    stop.release();
  }
  if (context.output === 'json' && last) context.print(documentOf(context, last), '');
  const row = last?.status.row;
  if (row?.closed !== true) {
    context.note(`the run goes on   ·   sluice run watch ${run}`);
    return context.exitWith(EXIT_INTERRUPTED);
  }
  if (row.phase !== 'completed') context.exitWith(EXIT_RUN_NOT_COMPLETED);
}

const documentOf = (context: CliContext, facts: RunFacts): object => ({
  ...statusDocument(facts.status),
  ...answersDocument(facts, describeRun(facts, lookOf(context).clock)),
});

interface Display {
  show(facts: RunFacts): void;
  end(): void;
}

function displayFor(context: CliContext): Display {
  if (context.output === 'json') return { show: () => undefined, end: () => undefined };
  // A terminal that does not know its size (0 rows) cannot be redrawn.
  return context.interactive && process.stdout.rows > 0 ? inPlace(context) : lineByLine(context);
}

function inPlace(context: CliContext): Display {
  const draw = createLogUpdate(process.stdout);
  const show = (facts: RunFacts): void => {
    const look = lookAtOnce(context);
    draw(safeText(renderStatus(facts.status, describeRun(facts, look.clock), look), context.colour));
  };
  return { show, end: () => draw.done() };
}

function lineByLine(context: CliContext): Display {
  let before = '';
  const show = (facts: RunFacts): void => {
    const line = statusLine(facts.status, describeRun(facts, lookOf(context).clock));
    if (line !== before) context.stream(null, `${new Date().toISOString().slice(0, 19)}Z  ${line}`);
    before = line;
  };
  return { show, end: () => undefined };
}
