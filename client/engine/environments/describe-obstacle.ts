import { inWords } from '#domain/counted.ts';
import type { Obstacle } from '#domain/coordination/admission.ts';
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
  const names = named(obstacle.behind.map(nameOf));
  if (obstacle.kind === 'subject') return `behind ${names}: ${sharedBy(kind)}`;
  return `${describeMaximum(obstacle)}: ${names}`;
}

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
