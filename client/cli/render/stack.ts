import pico from 'picocolors';
import { KIND_MEANING } from '#domain/errors/kinds.ts';
import type { Diagnosis } from '../../engine/stack/doctor.ts';
import type { Finding } from '../../engine/stack/finding.ts';
import type { PartStatus, StackStatus } from '../../engine/stack/status.ts';
import { columns } from './columns.ts';

/** Exit code of `status` and `doctor` when something is not well: what TRANSIENT errors have. */
export const EXIT_NOT_WELL = KIND_MEANING.TRANSIENT.exitCode;

/** One line for each part, and what to do when one is not well. */
export function renderStatus(status: StackStatus, colour: boolean): string {
  const rows = status.parts.map((part) => [
    part.state === 'well' ? '✓' : '✗',
    `${part.title} ${part.version}`.trim(),
    part.address,
    remarkOf(part),
  ]);
  const end = status.well ? [] : ['', 'not everything is well: sluice doctor names the command that mends each part'];
  return [paintMarks(columns(rows), colour), ...end].join('\n');
}

function remarkOf({ state, detail, restarts }: PartStatus): string {
  const again = restarts === 0 ? '' : `started again ${restarts} ×`;
  return [state === 'down' ? `down: ${detail}` : detail, again].filter((text) => text !== '').join(' · ');
}

/** Each finding with the command that mends it, and at the end what works without what is missing. */
export function renderDiagnosis({ findings, well, withoutIt }: Diagnosis, colour: boolean): string {
  const rows = findings.map((finding) => [
    MARKS[finding.state],
    finding.title,
    finding.version,
    remarkOfFinding(finding),
  ]);
  const end = withoutIt.length > 0 ? withoutIt : [well ? 'everything that this version can do works here' : ''];
  return [paintMarks(columns(rows), colour), '', ...end].join('\n').trimEnd();
}

const MARKS: Readonly<Record<Finding['state'], string>> = { well: '✓', idle: '·', missing: '✗' };

const remarkOfFinding = ({ detail, mend }: Finding): string => (mend === '' ? detail : `${detail}   →  ${mend}`);

/** Colours the mark at the start of each line; the mark alone says the same. */
function paintMarks(text: string, colour: boolean): string {
  const paint = pico.createColors(colour);
  return text.replace(/^✓/gm, paint.green('✓')).replace(/^✗/gm, paint.red('✗'));
}
