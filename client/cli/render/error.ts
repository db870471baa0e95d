import pico from 'picocolors';
import type { ErrorReport, ReportedProblem } from '#domain/errors/failure.ts';
import { tellTimes, type Clock } from '../../engine/runs/clock.ts';
import { wrap } from './lines.ts';
import { escaped } from './printable.ts';

const LABEL_WIDTH = 9;

/**
 * An error as one block: code, what, where, what was found, what to do. Times are told on the reader's clock,
 * but for those that are there to be typed.
 */
export function renderError(report: ErrorReport, colour: boolean, reader: Reader = {}): string {
  const { clock = hereAndNow(), width = Infinity } = reader;
  const paint = pico.createColors(colour);
  const told = (text: string): string => tellTimes(text, clock);
  const [what = '', ...more] = whatIsWrong(report);
  const taken = report.code.length + '✗   '.length;
  const lines = [`${paint.red('✗')} ${paint.bold(report.code)}  ${hung(told(what), 2, { width, taken })}`];
  lines.push(...more.map((line) => `  ${hung(told(line), 2, { width, taken: 2 })}`));
  const add = (label: string, text: string, most: number): void => {
    const hanging = { width: most, taken: LABEL_WIDTH };
    if (text !== '') lines.push(`  ${paint.dim(label.padEnd(5))}  ${hung(text, LABEL_WIDTH, hanging)}`);
  };
  add('in', told(report.where), width);
  add('found', told(report.found), width);
  // Never broken: what can be done is often a command, which is there to be copied.
  add('try', report.hint, Infinity);
  return `${lines.join('\n')}\n`;
}

/** Who reads an error, as far as it is known. */
export interface Reader {
  readonly clock?: Clock;
  /** Of the terminal. */
  readonly width?: number;
}

/** The message; of a file with several wrong places how many there are, and each on its own line. */
function whatIsWrong({ message, problems = [] }: ErrorReport): string[] {
  const [first, ...others] = problems.map(describe);
  if (first === undefined) return [message];
  if (others.length === 0) return [first];
  return [`${problems.length} places are not as they must be`, first, ...others];
}

function describe({ path, expected, got, hint }: ReportedProblem): string {
  const place = path === '' ? '' : `${path}: `;
  // What only says again what is expected, and where, is for programs.
  const saysMore = ![`Set ${path} to ${expected}.`, `Correct ${path}.`, `Add ${path}.`].includes(hint);
  return escaped(`${place}expected ${expected}, got ${got}${saysMore ? ` · ${hint}` : ''}`);
}

/** The same for programs: the only document on standard output. */
export function errorDocument(report: ErrorReport): { error: ErrorReport } {
  const { code, message, where, found, hint, problems } = report;
  return { error: { code, message, where, found, hint, ...(problems && { problems }) } };
}

interface Hanging {
  readonly width: number;
  /** Columns before the text on its first line. */
  readonly taken: number;
}

/** Further lines of `text` hung below its first one, so that none of them can pass for a line of the block. */
function hung(text: string, indent: number, { width, taken }: Hanging): string {
  const lines = text.split('\n').map(escaped);
  // The first line begins further right than the others do: a word in its place takes up the difference.
  const filler = '\u0000'.repeat(Math.max(0, taken - indent));
  const broken = lines.flatMap((line, at) => wrap(at === 0 ? filler + line : line, width - indent));
  return broken.join(`\n${' '.repeat(indent)}`).replace(filler, '');
}

const hereAndNow = (): Clock => ({
  now: new Date().toISOString(),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});
