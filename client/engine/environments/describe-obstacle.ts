import { inWords } from '#domain/counted.ts';
import type { Obstacle } from '#domain/coordination/admission.ts';
import type { Freeze, Hold, Pin } from '#domain/coordination/holds.ts';
import type { RunSubject } from '#domain/run/run-view.ts';

const MOST_NAMED = 3;

/** Why a run waits: `behind exe_…: the same application`. `nameOf` names those that it waits for. */
export function describeObstacle(
  obstacle: Obstacle | null,
  kind: RunSubject['kind'],
  nameOf: (run: string) => string,
): string {
  if (obstacle === null) return 'about to be let in';
  if (obstacle.kind === 'emergency') return describeEmergency(obstacle);
  if (obstacle.kind !== 'subject' && obstacle.kind !== 'maximum') return describeHold(obstacle);
  const names = named(obstacle.behind.map(nameOf));
  if (obstacle.kind === 'subject') return `behind ${names}: ${sharedBy(kind)}`;
  return `${describeMaximum(obstacle)}: ${names}`;
}

/** What keeps a run from beginning, and until when. */
function describeHold(hold: Hold): string {
  switch (hold.kind) {
    case 'freeze':
      return describeFreeze(hold.freeze);
    case 'pin':
      return describePin(hold.pin);
    case 'holds-unread':
      return 'its coordinator looks for freezes and pins first';
  }
}

/** `frozen by ada until 2026-…: why`. */
export const describeFreeze = ({ by, until, reason }: Omit<Freeze, 'id'>): string =>
  `frozen by ${by} ${until === null ? 'until somebody lifts it' : `until ${until}`}: ${reason}`;

/** `pinned to 1.0.0 by ada since 2026-…: why`. */
export const describePin = ({ by, versions, since, reason }: Omit<Pin, 'subject' | 'run'>): string =>
  `pinned to ${describeVersions(versions)} by ${by} since ${since}: ${reason}`;

/** Where no version is known, that what runs there stays. */
export const describeVersions = (versions: readonly string[]): string =>
  versions.length === 0 ? 'what runs there' : inWords(versions);

/** The same for whoever sees at once which those are. */
export const describeMaximum = ({ behind, maximum }: Extract<Obstacle, { kind: 'maximum' }>): string =>
  `${behind.length} under way, at most ${maximum} at once`;

const describeEmergency = ({ emergency }: Extract<Obstacle, { kind: 'emergency' }>): string =>
  `the environment is being taken back (${emergency}): nobody begins but ways back`;

const sharedBy = (kind: RunSubject['kind']): string =>
  kind === 'application' ? 'the same application' : 'devices in common';

function named(names: readonly string[]): string {
  if (names.length <= MOST_NAMED) return inWords(names);
  return `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`;
}
