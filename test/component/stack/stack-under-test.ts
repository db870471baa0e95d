// A whole stack in a temp folder on free ports, driven as people do: by the CLI, and by signals.
import { spawn, type ChildProcess } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { PART_MARK } from '../../../client/engine/stack/leftovers.ts';
import type { PartName } from '../../../client/engine/stack/part-names.ts';
import { USUAL_PARTS } from '../../support/servers/usual-parts.ts';
import { liveRecord, type RecordedName } from '../../../client/engine/stack/run-records.ts';
import { isSessionLeader } from '../../../client/engine/stack/process-identity.ts';
import type { StackStatus } from '../../../client/engine/stack/status.ts';
import { needsWholeStack } from '../../support/servers/whole-stack.ts';
import { markedProcesses } from '../../support/servers/marked-processes.ts';
import { freePorts } from '../../support/servers/ports.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

needsWholeStack();

const SLUICE = join(import.meta.dirname, '../../../client/cli/sluice.mjs');
const VARIABLES = [
  'SLUICE_HTTP_PORT',
  'SLUICE_TEMPORAL_PORT',
  'SLUICE_TEMPORAL_UI_PORT',
  'SLUICE_MQTT_PORT',
  'SLUICE_POSTGRES_PORT',
];

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningUp {
  readonly process: ChildProcess;
  /** The JSON document that it prints when everything is ready. Rejects when it ends before. */
  readonly ready: Promise<{ pid: number; ready_in_ms: number; parts: { name: string; address: string }[] }>;
  readonly ended: Promise<Ended>;
}

export class StackUnderTest {
  readonly dataDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #program: string;
  readonly #remove: () => void;

  private constructor(dataDirectory: string, ports: readonly number[], program: string, remove: () => void) {
    this.dataDirectory = dataDirectory;
    this.#program = program;
    this.#remove = remove;
    const given = Object.fromEntries(VARIABLES.map((name, at) => [name, String(ports[at])]));
    this.env = { ...process.env, ...given, SLUICE_DATA_DIR: dataDirectory, NO_COLOR: '1' };
  }

  /** `program` is the command line that drives it: this clone's, unless another one is under test. */
  static async create(program = SLUICE): Promise<StackUnderTest> {
    const folder = makeTempFolder('stack');
    const ports = await freePorts(VARIABLES.length);
    return new StackUnderTest(join(realpathSync(folder.path), 'data'), ports, program, () => folder.remove());
  }

  port(variable: string): number {
    return Number(this.env[variable]);
  }

  /** `sluice up`, in the background. */
  up(env: NodeJS.ProcessEnv = {}, args: readonly string[] = ['--output', 'json']): RunningUp {
    const child = spawn(process.execPath, [this.#program, 'up', ...args], {
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child);
    const ended = output.ended;
    const ready = new Promise<Awaited<RunningUp['ready']>>((resolve, reject) => {
      child.stdout.on('data', () => {
        const [document] = /^\{.*\}$/m.exec(output.stdout()) ?? [];
        if (document !== undefined) resolve(JSON.parse(document) as Awaited<RunningUp['ready']>);
      });
      void ended.then(({ stdout, stderr }) => reject(new Error(`sluice up ended:\n${stdout}${stderr}`)));
    });
    ready.catch(() => undefined);
    return { process: child, ready, ended };
  }

  /** `sluice up` in a terminal of its own; killing the process that is returned closes the terminal. */
  upInTerminal(): ChildProcess {
    const command = [process.execPath, this.#program, 'up'].join(' ');
    return spawn('script', ['-qec', command, '/dev/null'], { env: this.env, stdio: ['pipe', 'pipe', 'inherit'] });
  }

  /** A supervisor of a test's own making, to its end. */
  supervise(program: string): Promise<Ended> {
    return collect(spawn(process.execPath, [program], { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] })).ended;
  }

  /** Any other command, to its end. */
  sluice(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const child = spawn(process.execPath, [this.#program, ...args], {
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return collect(child).ended;
  }

  /** Throws, with what is down, until `sluice status` says that all is well. */
  async expectWell(): Promise<StackStatus> {
    const { code, stdout } = await this.sluice(['status', '--output', 'json']);
    if (code !== 0) throw new Error(`status ${code}: ${stdout}`);
    return JSON.parse(stdout) as StackStatus;
  }

  /** The process that is on record for a part. Throws when it does not run. */
  pidOf(name: RecordedName): number {
    const record = liveRecord(this.dataDirectory, name);
    if (!record) throw new Error(`${name} does not run`);
    return record.pid;
  }

  /** The parts that run, by the mark that each carries: they lead their sessions, what they started does not. */
  runningParts(): number[] {
    return markedProcesses(PART_MARK, this.dataDirectory).filter(isSessionLeader);
  }

  /** For clean-up: ends everything, whatever the test did. */
  async end(): Promise<void> {
    await this.sluice(['down']);
    this.#remove();
  }
}

export const EMBEDDED_PARTS: readonly PartName[] = USUAL_PARTS;

function collect(child: ChildProcess): { stdout: () => string; ended: Promise<Ended> } {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  return { stdout: () => text.stdout, ended };
}
