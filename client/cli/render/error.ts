import pico from 'picocolors';
import type { ErrorReport, ReportedProblem } from '#domain/errors/failure.ts';
import { tellTimes, type Clock } from '../../engine/runs/clock.ts';
import { escaped } from './printable.ts';

const LABEL_WIDTH = 9;

/** An error as one block: code, what, where, what was found, what to do. Times are told on the reader's clock. */
export function renderError(report: ErrorReport, colour: boolean, clock: Clock = hereAndNow()): string {
  const paint = pico.createColors(colour);
  const [what = '', ...more] = whatIsWrong(report);
  const lines = [`${paint.red('✗')} ${paint.bold(report.code)}  ${hung(what, 2, clock)}`];
  lines.push(...more.map((line) => `  ${hung(line, 2, clock)}`));
  const add = (label: string, text: string): void => {
    if (text !== '') lines.push(`  ${paint.dim(label.padEnd(5))}  ${hung(text, LABEL_WIDTH, clock)}`);
  };
  add('in', report.where);
  add('found', report.found);
  add('try', report.hint);
  return `${lines.join('\n')}\n`;
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

/** Further lines of `text` hung below its first one, so that none of them can pass for a line of the block. */
const hung = (text: string, indent: number, clock: Clock): string =>
  text
    .split('\n')
    .map((line) => escaped(tellTimes(line, clock)))
    .join(`\n${' '.repeat(indent)}`);

const hereAndNow = (): Clock => ({
  now: new Date().toISOString(),
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
});
