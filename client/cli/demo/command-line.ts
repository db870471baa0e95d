import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SLUICE = fileURLToPath(new URL('../sluice.mjs', import.meta.url));

/** One command of the demo failed: what it printed, for the person who runs the demo. */
export class CommandFailed extends Error {
  constructor(args: readonly string[], output: string) {
    super(`sluice ${args.join(' ')}\n${output.trim()}`);
    this.name = 'CommandFailed';
  }
}

interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo does everything through the command line, as a person would, with the environment that names its ports. */
export class CommandLine {
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<ChildProcess>();
  #isOver = false;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Runs `sluice ARGS --output json` and returns its document. Throws CommandFailed on a bad exit code. */
  async json<T>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.#run([...args, '--output', 'json']);
    if (code !== 0) throw new CommandFailed(args, stderr + stdout);
    return JSON.parse(stdout) as T;
  }

  /** The exit code alone. */
  async exitCode(...args: string[]): Promise<number> {
    return (await this.#run(args)).code;
  }

  /** A command that clears up after the others. */
  async lastly(...args: string[]): Promise<void> {
    await this.#perform(args);
  }

  /** Starts a command that runs on; its standard output comes as lines. Who starts it has to end it. */
  start(args: readonly string[], onLine: (line: string) => void): ChildProcess {
    const child = this.#spawn(args);
    let rest = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    return child;
  }

  /** Ends the commands that are being waited for, and begins none any more but `lastly`. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#running].map((child) => endOf(child, 'SIGTERM')));
  }

  #run(args: readonly string[]): Promise<Output> {
    if (this.#isOver) return Promise.reject(new CommandFailed(args, 'the demo is ending'));
    return this.#perform(args);
  }

  #perform(args: readonly string[]): Promise<Output> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn(args);
      this.#running.add(child);
      const out = { stdout: '', stderr: '' };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
      child.once('error', reject);
      child.once('close', (code) => {
        this.#running.delete(child);
        resolve({ code: code ?? 1, ...out });
      });
    });
  }

  #spawn(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [SLUICE, ...args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // Ctrl-C in a terminal goes to the whole group: the demo itself must end its parts, in order.
      detached: true,
    });
  }
}

export const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Asks a command to end, and waits until it did. */
export async function endOf(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}
