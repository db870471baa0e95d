// The bench's side of its process of requests.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoadOptions, LoadOrder, LoadReport, WindowReport } from './load-report.ts';

const MAIN = fileURLToPath(new URL('./load.main.ts', import.meta.url));

/** The load of the budgets: 2,800 requests a second, and what is open all the time. */
export const FULL_LOAD: Omit<LoadOptions, 'host' | 'port'> = {
  keepAliveConnections: 16,
  keepAlivePerSecond: 2500,
  shortPerSecond: 300,
  streams: 8,
  webSockets: 4,
  longSeconds: 10,
};

/** Nothing at all: how long a deployment takes on a machine at rest. */
export const NO_LOAD: typeof FULL_LOAD = {
  keepAliveConnections: 0,
  keepAlivePerSecond: 0,
  shortPerSecond: 0,
  streams: 0,
  webSockets: 0,
  longSeconds: 0,
};

export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #windows: WindowReport[] = [];
  readonly #exited: Promise<void>;
  #wake: () => void = () => undefined;
  #isRunning = false;
  #isGone = false;

  private constructor(options: LoadOptions) {
    this.#child = spawn(process.execPath, [MAIN, JSON.stringify(options)], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout !== null) createInterface(this.#child.stdout).on('line', (line) => this.#hear(line));
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', () => {
        this.#isGone = true;
        this.#wake();
        resolve();
      });
    });
  }

  /** Resolves when the first requests are on their way. */
  static async start(options: LoadOptions): Promise<LoadProcess> {
    const load = new LoadProcess(options);
    await load.#until(() => load.#isRunning);
    return load;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Everything that ends from now on counts in this window; windows may overlap. */
  begin(name: string): void {
    this.#send(`begin ${name}`);
  }

  /** What ended since `begin(name)`. Throws when the process has ended. */
  async end(name: string): Promise<WindowReport> {
    this.#send(`end ${name}`);
    const found = () => this.#windows.findIndex((window) => window.name === name);
    await this.#until(() => found() >= 0);
    const [window] = this.#windows.splice(found(), 1);
    if (window === undefined) throw new Error(`no window ${name}`);
    return window;
  }

  /** Ends it when its last streams and WebSockets have come to their end; windows still open then are the result. */
  async stop(): Promise<readonly WindowReport[]> {
    if (!this.#isGone) this.#send('stop');
    await this.#exited;
    return this.#windows;
  }

  #send(order: LoadOrder): void {
    this.#child.stdin?.write(`${order}\n`);
  }

  #hear(line: string): void {
    const report = JSON.parse(line) as LoadReport;
    if (report.kind === 'running') this.#isRunning = true;
    if (report.kind === 'window') this.#windows.push(report.window);
    this.#wake();
  }

  async #until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) {
      if (this.#isGone) throw new Error('the process of requests has ended');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
