import pico from 'picocolors';
import { formatDuration } from '#domain/time.ts';
import { tellTime, type Clock } from '../../engine/runs/clock.ts';
import type { DurationDiff, Span, StepDiff } from '../../engine/runs/diff-durations.ts';
import type { ComparedRun } from '../../engine/runs/diff-results.ts';
import type { RunDiff } from '../../engine/runs/diff-runs.ts';
import type { Difference, ValueDiff } from '../../engine/runs/diff-values.ts';
import { wrap } from './lines.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** `run diff`: the first run behind `-`, the second one behind `+`; equal things are counted only. */
export const renderRunDiff = forPeople((diff: RunDiff, look: Look): string => {
  const { a, b, durations } = diff;
  const { run } = a.status.row;
  if (diff.isSameRun) return `${run} is compared with itself: nothing can differ\n  sluice run show ${run}`;
  const [first, second] = signs(look);
  return [
    ...first(head(a, durations.whole.a, look.clock)),
    ...second(head(b, durations.whole.b, look.clock)),
    ...kinds(diff, look),
    ...section('plan', diff.plan, look),
    ...section('delivered', diff.delivered, look),
    ...section('configuration', diff.configuration, look),
    ...titled('durations', look),
    renderDurations(durations, look),
    ...section('results', diff.results, look),
  ].join('\n');
});

/** Marks lines as those of one run. The colour only repeats the sign. */
type Mark = (lines: readonly string[]) => string[];

function signs({ colour }: Look): readonly [first: Mark, second: Mark] {
  const { red, green } = pico.createColors(colour);
  return [(lines) => lines.map((line) => red(`- ${line}`)), (lines) => lines.map((line) => green(`+ ${line}`))];
}

function head({ status: { row } }: ComparedRun, whole: Span | null, clock: Clock): string[] {
  const { name, version } = row.subject;
  const took = whole === null ? '' : `${whole.state === 'ended' ? ' after ' : ', '}${spanText(whole)}`;
  return [
    `${row.run}  ${row.phase}${took}`,
    `  ${row.name} · ${row.kind.replace('-', ' ')} · ${name} ${version} → ${row.environment}`,
    `  started ${tellTime(row.startedAt, clock)} by ${row.startedBy}`,
  ];
}

function kinds({ isSameKind, notCompared }: RunDiff, look: Look): string[] {
  if (isSameKind) return [];
  const [first, second] = signs(look);
  return [
    ...titled('different kinds · compared is what both have, left out are', look),
    ...first(valueLines(notCompared.a, look)),
    ...second(valueLines(notCompared.b, look)),
  ];
}

function section(title: string, { equal, differences }: ValueDiff, look: Look): string[] {
  const count = differences.length === 0 ? `all ${equal} equal` : `${differences.length} differ, ${equal} equal`;
  return [...titled(`${title} · ${count}`, look), ...differences.flatMap((one) => differenceLines(one, look))];
}

const titled = (title: string, { colour }: Look): string[] => ['', pico.createColors(colour).bold(title)];

function differenceLines(one: Difference, look: Look): string[] {
  const [first, second] = signs(look);
  const lines = (value: unknown): string[] => valueLines(value, look, one.path.endsWith('Ms'));
  return [`  ${one.path}`, ...('a' in one ? first(lines(one.a)) : []), ...('b' in one ? second(lines(one.b)) : [])];
}

const INDENT = '  ';
/** Of one value in a terminal: names of a thousand devices would hide what else differs. */
const MOST_CHARACTERS = 400;

function valueLines(value: unknown, { listWidth }: Look, isDuration = false): string[] {
  const whole = isDuration && typeof value === 'number' ? `${value} (${formatDuration(value)})` : valueText(value);
  if (listWidth === Infinity) return [INDENT + whole];
  const isLong = whole.length > MOST_CHARACTERS;
  const text = isLong ? `${whole.slice(0, MOST_CHARACTERS)}… (${whole.length} characters: --output json)` : whole;
  const width = Math.max(20, listWidth - 2 * INDENT.length);
  // Digests and signatures are one word, however long.
  const broken = wrap(text, width).flatMap((line) => line.match(new RegExp(`.{1,${width}}`, 'gu')) ?? ['']);
  return broken.map((line) => INDENT + line);
}

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return value === '' ? '""' : value;
  if (Array.isArray(value) && value.length > 0) return value.map(valueText).join(', ');
  return JSON.stringify(value);
}

type Row = Omit<StepDiff, 'plannedBy'> & { readonly plannedBy: StepDiff['plannedBy'] | 'none' };

function renderDurations({ whole, steps, wayBack }: DurationDiff, { listWidth }: Look): string {
  const rows: Row[] = [{ step: 'whole run', plannedBy: 'both', ...whole }, ...steps];
  if (wayBack.a !== null || wayBack.b !== null) rows.push({ step: 'way back', plannedBy: 'none', ...wayBack });
  const cell = (side: 'a' | 'b') => (row: Row) => {
    const span = row[side];
    if (span !== null) return spanText(span);
    if (row.plannedBy === 'none') return 'none';
    return row.plannedBy === 'both' || row.plannedBy === side ? 'not reached' : 'not planned';
  };
  return renderTable(
    [
      { head: '  STEP', cell: ({ step }) => `  ${step}`, cutTo: 14 },
      { head: '-', cell: cell('a') },
      { head: '+', cell: cell('b') },
      { head: 'DIFFERENCE', cell: ({ differenceMs }) => (differenceMs === null ? '' : changeText(differenceMs)) },
    ],
    rows,
    listWidth,
  );
}

function spanText({ tookMs, state }: Span): string {
  const took = formatDuration(tookMs);
  if (state === 'ended') return took;
  return state === 'under-way' ? `${took} so far` : `${took}, cut short`;
}

function changeText(differenceMs: number): string {
  const size = formatDuration(Math.abs(differenceMs));
  if (size === '0 s') return size;
  return `${differenceMs < 0 ? '-' : '+'}${size}`;
}
