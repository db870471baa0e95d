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

/** The demo does everything through the command line, as a person would, with the environment that names its ports. */
export class CommandLine {
  readonly #env: NodeJS.ProcessEnv;

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

  /** Starts a command that runs on; its standard output comes as lines. It dies with the demo unless it is detached. */
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

  #run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const child = this.#spawn(args);
      const out = { stdout: '', stderr: '' };
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code: code ?? 1, ...out }));
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
