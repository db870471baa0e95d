// A process of the bench that is talked to by messages.
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 180_000;

export class Child<Order extends object> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Runs a file of this folder. It ends with the bench, whose channel it listens on. */
  static start<Order extends object>(file: string): Child<Order> {
    return new Child<Order>(
      fork(fileURLToPath(new URL(file, import.meta.url)), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  send(order: Order): void {
    this.#child.send(order);
  }

  /** The next message that fits, which the caller knows to be a `T`. Throws when the process ends first, or says nothing for three minutes. */
  async next<T = unknown>(fits: (message: unknown) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.#child.off('message', hear).off('exit', end);
      };
      const hear = (message: unknown) => {
        if (!fits(message)) return;
        stop();
        resolve(message as T);
      };
      const end = (code: number | null) => {
        stop();
        reject(new Error(`a process of the bench ended with ${code}`));
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`a process of the bench said nothing for ${PATIENCE_MS} ms`));
      }, PATIENCE_MS);
      this.#child.on('message', hear).on('exit', end);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await gone;
  }
}
