/** The simulator as its users run it: a program of its own, watched by what it prints. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Happenings } from './deadline.ts';

const MAIN = fileURLToPath(new URL('../../../client/devices/simulator/main.ts', import.meta.url));

const PATIENCE_MS = 10_000;

export interface Line {
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface LedgerEntry {
  readonly thing: string;
  readonly jobId: string;
  readonly version: string;
  readonly event: string;
}

export class SimulatorProgram {
  readonly lines = new Happenings<Line>();
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | null>;
  errors = '';

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#exited = once(child, 'exit').then(([code]) => code as number | null);
    if (child.stdout === null || child.stderr === null) throw new Error('the simulator has no output');
    createInterface({ input: child.stdout }).on('line', (line) => this.lines.add(JSON.parse(line) as Line));
    child.stderr.on('data', (text: Buffer) => (this.errors += text.toString()));
  }

  /** Starts the program with a configuration file in `folder`. */
  static async start(folder: string, config: Record<string, unknown>, flags: string[] = []): Promise<SimulatorProgram> {
    const file = join(folder, 'simulator.json');
    await writeFile(file, JSON.stringify(config));
    return new SimulatorProgram(spawn(process.execPath, [MAIN, '--config', file, ...flags]));
  }

  /** Starts the program with its configuration on standard input. */
  static startInlined(config: Record<string, unknown>): SimulatorProgram {
    const child = spawn(process.execPath, [MAIN, '--config', '-']);
    child.stdin.end(JSON.stringify(config));
    return new SimulatorProgram(child);
  }

  event(name: string, matches: (line: Line) => boolean = () => true): Promise<Line> {
    return this.lines.first(name, (line) => line.event === name && matches(line));
  }

  command(command: 'disconnect' | 'reconnect', things: string[] | 'all'): void {
    this.#process.stdin?.write(`${JSON.stringify({ command, things })}\n`);
  }

  /** Ends the program by the signal and gives its exit code; `null` when a signal had to kill it, in the end SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#process.kill(signal);
    const patience = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MS);
    return this.#exited.finally(() => clearTimeout(patience));
  }

  exitCode(): Promise<number | null> {
    return this.#exited;
  }
}

/** The whole lines of a ledger, oldest first. */
export async function readLedger(path: string): Promise<LedgerEntry[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LedgerEntry);
}
