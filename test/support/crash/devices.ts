// The devices of one trial: the simulator as a program of its own, which nobody kills.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SimulatorConfiguration } from '../../../client/engine/devices/simulated-fleet.ts';
import { LedgerLine } from '../../../client/devices/simulator/flash.ts';

const PROGRAM = fileURLToPath(new URL('../../../client/devices/simulator/main.ts', import.meta.url));
const CONNECTED_DEADLINE_MS = 60_000;
const PATIENCE_MS = 10_000;

export class Devices {
  readonly #child: ChildProcess;
  readonly #ledgerPath: string;

  private constructor(child: ChildProcess, ledgerPath: string) {
    this.#child = child;
    this.#ledgerPath = ledgerPath;
  }

  /** Resolves when all have connected. */
  static async start(configuration: SimulatorConfiguration, env: NodeJS.ProcessEnv): Promise<Devices> {
    const child = spawn(process.execPath, [PROGRAM, '--config', '-', '--quiet'], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin.end(JSON.stringify(configuration));
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    const connected = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line.includes('"event":"connected"')) resolve();
      });
      child.once('exit', (code) => reject(new Error(`the devices ended with ${code}: ${complaint}`)));
      AbortSignal.timeout(CONNECTED_DEADLINE_MS).addEventListener('abort', () =>
        reject(new Error(`the devices did not connect within ${CONNECTED_DEADLINE_MS} ms: ${complaint}`)),
      );
    });
    const devices = new Devices(child, configuration.ledgerPath);
    try {
      await connected;
    } catch (error) {
      await devices.stop();
      throw error;
    }
    return devices;
  }

  /** What they wrote down so far, whole lines only. */
  ledger(): LedgerLine[] {
    const text = readFileSync(this.#ledgerPath, 'utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => LedgerLine.parse(JSON.parse(line)));
  }

  /** Nothing moves on them until they are thawed; to the broker they are silent. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.thaw();
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const patience = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await exited;
    clearTimeout(patience);
  }
}
