import pico from 'picocolors';
import { KIND_MEANING } from '#domain/errors/kinds.ts';
import type { Diagnosis } from '../../engine/stack/doctor.ts';
import type { Finding } from '../../engine/stack/finding.ts';
import type { PartStatus, StackStatus } from '../../engine/stack/status.ts';
import { tellTimes, type Clock } from '../../engine/runs/clock.ts';
import { columns } from './columns.ts';
import { forPeople } from './printable.ts';

/** Exit code of `status` and `doctor` when something is not well: what TRANSIENT errors have. */
export const EXIT_NOT_WELL = KIND_MEANING.TRANSIENT.exitCode;

/** One line for each part, and what to do when one is not well. */
export const renderStatus = forPeople((status: StackStatus, colour: boolean, clock: Clock): string => {
  const rows = status.parts.map((part) => [
    part.state === 'well' ? '✓' : '✗',
    `${part.title} ${part.version}`.trim(),
    part.address,
    tellTimes(remarkOf(part), clock),
  ]);
  return [paintMarks(columns(rows), colour), ...whatNow(status)].join('\n');
});

function whatNow({ well, dataDirectory, parts }: StackStatus): string[] {
  if (well) return [];
  if (parts.every(({ state }) => state === 'down') && !parts.some(({ name }) => name === 'up'))
    return ['', `nothing runs for ${dataDirectory}   ·   npx sluice up`];
  return ['', 'not everything is well: sluice doctor names the command that mends each part'];
}

function remarkOf({ state, detail, restarts }: PartStatus): string {
  const again = restarts === 0 ? '' : `started again ${restarts} ×`;
  return [state === 'down' ? `down: ${detail}` : detail, again].filter((text) => text !== '').join(' · ');
}

/** Each finding with the command that mends it, and at the end what works without what is missing. */
export const renderDiagnosis = forPeople(
  ({ findings, well, withoutIt }: Diagnosis, colour: boolean, clock: Clock): string => {
    const rows = findings.map(({ state, title, version, detail }) => [
      MARKS[state],
      title,
      version,
      tellTimes(detail, clock),
    ]);
    // Each on a line of its own, so that it can be copied whatever the width.
    const withMends = columns(rows)
      .split('\n')
      .flatMap((line, at) => [line, ...mendOf(findings, at)]);
    const end = withoutIt.length > 0 ? withoutIt : [well ? 'everything that this version can do works here' : ''];
    return [paintMarks(withMends.join('\n'), colour), '', ...end].join('\n').trimEnd();
  },
);

const MARKS: Readonly<Record<Finding['state'], string>> = { well: '✓', idle: '·', warning: '!', missing: '✗' };

/** What mends this finding, below the last one in a row that it mends. */
function mendOf(findings: readonly Finding[], at: number): string[] {
  const mend = findings[at]?.mend ?? '';
  return mend === '' || mend === findings[at + 1]?.mend ? [] : [`   → ${mend}`];
}

/** Colours the mark at the start of each line; the mark alone says the same. */
function paintMarks(text: string, colour: boolean): string {
  const paint = pico.createColors(colour);
  return text.replace(/^✓/gm, paint.green('✓')).replace(/^!/gm, paint.yellow('!')).replace(/^✗/gm, paint.red('✗'));
}
