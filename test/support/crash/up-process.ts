// `sluice up` with the test's worker and gateway, as a process that can be killed.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../crash/up.main.ts', import.meta.url));
const OUTPUT_KEPT = 8_192;
const STOP_TIMEOUT_MS = 60_000;

export class UpProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  /** Resolves when every part is ready. Rejects with what it said when it ends before. */
  readonly ready: Promise<void>;
  #hasEnded = false;

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = spawn(process.execPath, [PROGRAM, '--json'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    let isReady = (): void => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-OUTPUT_KEPT);
        if (said.includes('"ready_in_ms"')) isReady();
      });
    }
    this.#ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) =>
        resolve(`sluice up ended (${signal ?? `exit code ${code}`}): ${said}`),
      );
    });
    void this.#ended.then(() => (this.#hasEnded = true));
    this.ready = Promise.race([ready, this.#ended.then((why) => Promise.reject(new Error(why)))]);
    this.ready.catch(() => undefined);
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it in good order with all its parts. */
  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGINT');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
