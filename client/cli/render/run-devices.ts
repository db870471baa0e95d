import { stringify } from 'yaml';
import type { StoredEvidence } from '../../../activities/adapters/postgres/evidence.ts';
import type { RunDevice } from '../../../activities/adapters/postgres/run-devices.ts';
import { tellTime, type Clock } from '../../engine/runs/clock.ts';
import { forPeople } from './printable.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

/** `run devices`: how far each came, and why where it did not go well. */
export const renderRunDevices = forPeople((devices: readonly RunDevice[], { listWidth }: Look): string => {
  if (devices.length === 0) return 'no device';
  return renderTable(
    [
      { head: 'THING', cell: ({ thing }) => thing },
      { head: 'WAVE', cell: ({ wave }) => String(wave) },
      { head: 'STATE', cell: ({ install }) => install },
      { head: 'WAY BACK', cell: ({ wayBack }) => wayBack ?? '' },
      { head: 'CAME FROM', cell: ({ previousFirmware }) => previousFirmware, cutTo: 9 },
      { head: 'WHY', cell: ({ reason }) => reason, cutTo: 12 },
    ],
    devices,
    listWidth,
  );
});

/** `run evidence`: what was seen of each thing that went wrong. */
export const renderEvidence = forPeople((evidence: readonly StoredEvidence[], clock: Clock): string => {
  if (evidence.length === 0) return 'no evidence: nothing was found wrong';
  return evidence.map((one) => `${one.id} · ${one.step} · ${tellTime(one.at, clock)}\n${bodyOf(one)}`).join('\n\n');
});

const firstTheSummary = ({ summary, ...rest }: StoredEvidence['body']): object =>
  summary === undefined ? rest : { summary, ...rest };

const bodyOf = ({ body }: StoredEvidence): string =>
  stringify(firstTheSummary(body), { lineWidth: 0 })
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
