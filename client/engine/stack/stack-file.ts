// stack.json: what `sluice up` tells the other commands about the installation that it runs.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Ports } from '#domain/defaults.ts';
import type { Iso } from '#domain/time.ts';
import { STACK_FILE } from '../settings.ts';
import type { PartName } from './part-names.ts';
import { readJsonFile, writeJsonFile } from './run-records.ts';

export interface StackPart {
  readonly name: PartName;
  readonly title: string;
  /** Empty for parts that have the version of Sluice itself. */
  readonly version: string;
  readonly address: string;
  /** False for one that a variable replaced: `sluice up` neither starts nor restarts it. */
  readonly embedded: boolean;
}

export interface StackFile {
  readonly ports: Ports;
  readonly listenHost: string;
  readonly startedAt: Iso;
  readonly parts: readonly StackPart[];
}

export const readStackFile = (dataDirectory: string): StackFile | null =>
  readJsonFile<StackFile>(join(dataDirectory, STACK_FILE));

export function writeStackFile(dataDirectory: string, stack: StackFile): void {
  writeJsonFile(join(dataDirectory, STACK_FILE), stack);
}

export function removeStackFile(dataDirectory: string): void {
  rmSync(join(dataDirectory, STACK_FILE), { force: true });
}
