/** The simulator as a program of its own: it shares nothing with the engine but the wire. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sluiceError } from '#domain/errors/failure.ts';
import { ownProgram } from '../own-tree.ts';
import type { SimulatorConfiguration } from './simulated-fleet.ts';

const PROGRAM = ownProgram('client/devices/simulator/main.ts');
const COMPLAINT_CHARACTERS = 2_000;

/** One line of the simulator: what happened, to which device. */
export interface SimulatorLine {
  readonly event: string;
  readonly [fact: string]: unknown;
}

export interface SimulatorRun {
  readonly onLine: (line: SimulatorLine) => void;
  /** Ends the devices in good order; their ledger is complete. */
  readonly signal: AbortSignal;
}

/** Runs the devices until `signal`. Throws SIMULATOR_FAILED with their program's own words when it ends by itself. */
export async function runSimulator(
  configuration: SimulatorConfiguration,
  { onLine, signal }: SimulatorRun,
): Promise<void> {
  const args = ['--disable-warning=ExperimentalWarning', PROGRAM, '--config', '-', '--attached'];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-COMPLAINT_CHARACTERS)));
  const lines = createInterface({ input: child.stdout }).on('line', (text) =>
    onLine(JSON.parse(text) as SimulatorLine),
  );
  const read = new Promise((resolve) => lines.once('close', resolve));
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, killedBy) => resolve(code === 0 ? '' : `exit code ${code ?? String(killedBy)}`));
  });
  // On standard input: a file with every password would outlive a killed process. Left open: its end ends the devices,
  // however this process ends.
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(configuration)}\n`);
  const [end] = await Promise.all([ended, read]);
  signal.removeEventListener('abort', stop);
  if (end !== '' && !signal.aborted) {
    throw sluiceError('SIMULATOR_FAILED', { why: end }, { found: complaint.trim() });
  }
}
