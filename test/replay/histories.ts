import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the recorded histories of the rollout workflow stand. */
export const HISTORIES = join(import.meta.dirname, 'histories', 'roll-out-fleet');

export const historyFile = (scenario: string): string => join(HISTORIES, `${scenario}.json`);

export const recordedHistories = (): string[] =>
  readdirSync(HISTORIES)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(HISTORIES, name));
