// One process of a part: its own session, its output in a file, its identity on record.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PART_MARK } from '../../client/engine/stack/leftovers.ts';
import { startTicksOf } from '../../client/engine/stack/process-identity.ts';
import { writeRunRecord } from '../../client/engine/stack/run-records.ts';
import type { EmbeddedPart } from './part.ts';

export interface PartPlace {
  readonly dataDirectory: string;
  /** Environment of every part, over this process's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a process ended, as people read it. */
export interface PartEnd {
  readonly why: string;
}

export interface PartProcess {
  readonly pid: number;
  readonly ended: Promise<PartEnd>;
  hasEnded(): boolean;
  signal(name: NodeJS.Signals): void;
}

const LARGEST_LOG_BYTES = 20 * 1024 * 1024;

export const logFileOf = (dataDirectory: string, part: string): string => join(dataDirectory, 'logs', `${part}.log`);

/** Starts the part. A program that cannot be started is a process that ended at once. */
export function startPartProcess(part: EmbeddedPart, place: PartPlace, restarts: number): PartProcess {
  const { file, args, env, account } = part.command();
  const log = openLog(logFileOf(place.dataDirectory, part.name));
  const child = spawn(file, args, {
    // A session of its own: Ctrl-C in the terminal reaches only the supervisor, which ends the parts in order.
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, ...place.env, ...env, [PART_MARK]: place.dataDirectory },
    ...account,
  });
  closeSync(log);
  const startedAt = new Date().toISOString();
  const startTicks = child.pid === undefined ? null : startTicksOf(child.pid);
  if (child.pid !== undefined && startTicks !== null) {
    const command = [file, ...args];
    writeRunRecord(place.dataDirectory, part.name, { pid: child.pid, startTicks, command, startedAt, restarts });
  }
  return processOf(child);
}

function processOf(child: ChildProcess): PartProcess {
  let over = false;
  const ended = new Promise<PartEnd>((resolve) => {
    child.once('error', (error) => resolve({ why: error.message }));
    child.once('exit', (code, signal) => resolve({ why: signal ?? `exit code ${code}` }));
  }).then((end) => {
    over = true;
    return end;
  });
  return { pid: child.pid ?? 0, ended, hasEnded: () => over, signal: (name) => void child.kill(name) };
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  // One earlier file is kept; the process that writes cannot be told to change, so it happens between two.
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG_BYTES) renameSync(file, `${file}.1`);
  return openSync(file, 'a');
}
