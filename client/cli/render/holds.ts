import { DEVICES } from '#domain/coordination/admission.ts';
import type { Pin } from '#domain/coordination/holds.ts';
import { unpinCommand } from '#domain/coordination/unpin-command.ts';
import { describeFreeze, describePin, describeVersions } from '../../engine/environments/describe-obstacle.ts';
import type { EnvironmentHistory, HistoryEntry } from '../../engine/holds/environment-history.ts';
import type { Frozen } from '../../engine/holds/freeze-environment.ts';
import type { HoldsInForce } from '../../engine/holds/holds-in-force.ts';
import type { Pinned } from '../../engine/holds/pin-version.ts';
import { tellRoughly, tellTime, tellTimes } from '../../engine/runs/clock.ts';
import { wrap } from './lines.ts';
import { forPeople } from './printable.ts';
import { shortDigest } from './release-sections.ts';
import type { Look } from './run.ts';
import { renderTable } from './table.ts';

const NOT_TOLD = 'Temporal did not answer: its coordinator finds out by itself';

export const renderFrozen = forPeople(({ environment, freeze, isTold }: Frozen, { clock }: Look): string =>
  [
    tellTimes(`✓ ${environment} is ${describeFreeze(freeze)}`, clock),
    '  runs that are started wait; those under way go on; ways back pass',
    ...(isTold ? [] : [`  ${NOT_TOLD}`]),
    `  sluice env unfreeze ${environment} --reason "…"`,
  ].join('\n'),
);

export const renderUnfrozen = forPeople(({ environment, isTold }: Frozen): string =>
  [`✓ ${environment} is not frozen any more: who waits goes on`, ...(isTold ? [] : [`  ${NOT_TOLD}`])].join('\n'),
);

export const renderPinned = forPeople(({ environment, pin, isTold }: Pinned): string =>
  [
    `✓ ${nameOf(pin)} in ${environment} ${isOf(pin)} pinned to ${describeVersions(pin.versions)}`,
    ...(isTold ? [] : [`  ${NOT_TOLD}`]),
    `  ${unpinCommand(environment, pin)}`,
  ].join('\n'),
);

export const renderUnpinned = forPeople(({ environment, pin, isTold }: Pinned): string => {
  const what = `${nameOf(pin)} in ${environment} ${isOf(pin)} not pinned any more`;
  return [`✓ ${what}: who waits goes on`, ...(isTold ? [] : [`  ${NOT_TOLD}`])].join('\n');
});

const nameOf = ({ subject }: Pick<Pin, 'subject'>): string => (subject === DEVICES ? 'the devices' : subject);
const isOf = ({ subject }: Pick<Pin, 'subject'>): string => (subject === DEVICES ? 'are' : 'is');

/** What is in force in an environment and the way around it, broken to the width; nothing when there is nothing. */
export function holdLines(environment: string, { freeze, pins }: HoldsInForce, { width, clock }: Look): string[] {
  const told = (text: string): string[] => wrap(tellTimes(text, clock), width);
  return [
    ...(freeze === null
      ? []
      : [
          ...told(describeFreeze(freeze)),
          '  sluice deploy start-now RUN --reason "…"   lets one run pass',
          `  sluice env unfreeze ${environment} --reason "…"   ends it`,
        ]),
    ...pins.flatMap((pin) => [...told(`${nameOf(pin)} ${describePin(pin)}`), `  ${unpinCommand(environment, pin)}`]),
  ];
}

/** `env history`: the latest first, and below each what a narrow column would cut. */
export const renderHistory = forPeople((history: EnvironmentHistory, look: Look): string => {
  const { environment, entries, isComplete } = history;
  if (entries.length === 0) return `${environment}: nothing was deployed yet`;
  const [head = '', ...rows] = renderTable(
    [
      { head: 'WHEN', cell: ({ at }) => tellTime(at, look.clock), short: ({ at }) => tellRoughly(at, look.clock) },
      { head: 'WHAT', cell: whatOf, cutTo: 12 },
      { head: 'RESULT', cell: (entry) => (entry.kind === 'run' ? entry.phase : entry.kind), cutTo: 10 },
      { head: 'BY', cell: ({ by }) => by ?? '', cutTo: 6 },
      { head: 'RUN', cell: ({ run }) => run ?? '' },
    ],
    entries,
    look.listWidth,
  ).split('\n');
  const details = entries.map((entry) => {
    const lines = wrap(tellTimes(detailOf(entry), look.clock), look.width - INDENT.length);
    return lines.map((line) => `${INDENT}${line}`);
  });
  const lines = rows.flatMap((row, at) => [row, ...(details[at] ?? [])]);
  return [head, ...lines, ...(isComplete ? [] : ['older ones: --limit N'])].join('\n');
});

const INDENT = '  ';

function whatOf(entry: HistoryEntry): string {
  if (entry.kind === 'run') return `${entry.subject.name} ${entry.subject.version}`;
  const { subject, versions } = entry;
  return subject === null ? 'freeze' : `${nameOf({ subject })} ${describeVersions(versions)}`;
}

function detailOf(entry: HistoryEntry): string {
  if (entry.kind !== 'run') return entry.until === null ? entry.reason : `until ${entry.until}: ${entry.reason}`;
  const { marks, release, digest } = entry;
  return [...marks, ...(release === null ? [] : [`release ${release}`]), shortDigest(digest)].join(' · ');
}
