import { WakeUp } from './wake-up.ts';

/** Runs `task` again and again, one at a time, resting as long as it says; a failure is reported and tried again. */
export class RepeatingTask {
  readonly #task: () => Promise<number>;
  readonly #onError: (error: unknown) => void;
  readonly #wake = new WakeUp();
  #isRunning = false;
  #ended: Promise<void> = Promise.resolve();

  /** `task` gives the milliseconds until its next run. */
  constructor(task: () => Promise<number>, onError: (error: unknown) => void) {
    this.#task = task;
    this.#onError = onError;
  }

  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#ended = this.#ended.then(() => this.#run());
  }

  /** Runs it now, or again at once when it is running. */
  runSoon(): void {
    this.#wake.fire();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#wake.fire();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      let restMs = RETRY_MS;
      try {
        restMs = await this.#task();
      } catch (error) {
        this.#onError(error);
      }
      await this.#wake.wait(restMs);
    }
  }
}

const RETRY_MS = 1_000;
