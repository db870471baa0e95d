// Which processes `sluice up` started for a data directory: run/<part>.json, and run/up.json for itself.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Iso } from '#domain/time.ts';
import { isRunning, type ProcessIdentity } from './process-identity.ts';
import type { PartName } from './part-names.ts';

export interface RunRecord extends ProcessIdentity {
  readonly command: readonly string[];
  readonly startedAt: Iso;
  /** How often this `sluice up` has started the part again. */
  readonly restarts: number;
}

export type RecordedName = PartName | 'up';

export const runFolder = (dataDirectory: string): string => join(dataDirectory, 'run');

const recordFile = (dataDirectory: string, name: RecordedName): string =>
  join(runFolder(dataDirectory), `${name}.json`);

export function writeRunRecord(dataDirectory: string, name: RecordedName, record: RunRecord): void {
  writeJsonFile(recordFile(dataDirectory, name), record);
}

/** What was last written about a part, whether or not that process still runs; null when nothing (or nothing readable) is there. */
export function readRunRecord(dataDirectory: string, name: RecordedName): RunRecord | null {
  return readJsonFile<RunRecord>(recordFile(dataDirectory, name));
}

/** The recorded process, when it still runs. */
export function liveRecord(dataDirectory: string, name: RecordedName): RunRecord | null {
  const record = readRunRecord(dataDirectory, name);
  return record !== null && isRunning(record) ? record : null;
}

export function removeRunRecord(dataDirectory: string, name: RecordedName): void {
  rmSync(recordFile(dataDirectory, name), { force: true });
}

/** Replaces `file` whole: a reader sees the old or the new document, never half of one. */
export function writeJsonFile(file: string, document: object): void {
  mkdirSync(join(file, '..'), { recursive: true });
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, `${JSON.stringify(document)}\n`);
  renameSync(unfinished, file);
}

export function readJsonFile<T extends object>(file: string): T | null {
  try {
    const document: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof document === 'object' ? (document as T | null) : null;
  } catch {
    return null;
  }
}
