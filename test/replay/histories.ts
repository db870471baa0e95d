import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the recorded histories of each kind of workflow stand. */
const FOLDERS = {
  'fleet-rollout': 'roll-out-fleet',
  'container-release': 'deploy-application',
  'joint-release': 'roll-out-release',
  environment: 'coordinate-environment',
  emergency: 'roll-back-environment',
} as const;

export type RecordedKind = keyof typeof FOLDERS;

export const historiesOf = (kind: RecordedKind): string => join(import.meta.dirname, 'histories', FOLDERS[kind]);

export const historyFile = (kind: RecordedKind, scenario: string): string =>
  join(historiesOf(kind), `${scenario}.json`);

/** Those of the rollouts first. */
export const recordedHistories = (): string[] =>
  (Object.keys(FOLDERS) as RecordedKind[]).flatMap((kind) =>
    readdirSync(historiesOf(kind))
      .filter((name) => name.endsWith('.json'))
      .map((name) => join(historiesOf(kind), name)),
  );
