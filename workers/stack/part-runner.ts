import { setTimeout as delay } from 'node:timers/promises';
import { PART_TITLES } from '../../client/engine/stack/part-names.ts';
import { removeRunRecord } from '../../client/engine/stack/run-records.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { logFileOf, startPartProcess, type PartPlace, type PartProcess } from './part-process.ts';
import type { EmbeddedPart } from './part.ts';

export type PartEvent =
  | { readonly kind: 'ready'; readonly tookMs: number; readonly restarts: number }
  | { readonly kind: 'ended'; readonly why: string; readonly againInMs: number };

export type OnPartEvent = (part: EmbeddedPart, event: PartEvent) => void;

const READY_POLL_MS = 25;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 5_000;
/** One that ran this long is started again as if it had never died before. */
const STEADY_MS = 30_000;
const START_TIMEOUT_MS = 60_000;
const DEATHS_WHILE_STARTING = 5;

/** Keeps one part running: starts it, waits until it is ready, starts it again whenever it dies. */
export class PartRunner {
  readonly part: EmbeddedPart;
  readonly #place: PartPlace;
  readonly #onEvent: OnPartEvent;
  readonly #stop = new AbortController();
  #process: PartProcess | undefined;
  #loop: Promise<void> | undefined;
  #restarts = 0;

  constructor(part: EmbeddedPart, place: PartPlace, onEvent: OnPartEvent) {
    this.part = part;
    this.#place = place;
    this.#onEvent = onEvent;
  }

  /** Resolves when the part is ready for the first time. Throws STACK_PART_FAILED when it dies five times before, or takes a minute. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#loop = this.#keepRunning(resolve, (why) => {
        const log = logFileOf(this.#place.dataDirectory, this.part.name);
        reject(sluiceError('STACK_PART_FAILED', { part: PART_TITLES[this.part.name], why, log }));
      }).catch((error: unknown) => reject(error instanceof Error ? error : new Error(String(error))));
    });
  }

  /** Ends the part and its restarting; resolves when no process of it is left. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const running = this.#process;
    if (running && !running.hasEnded()) {
      running.signal(this.part.stopSignal);
      const timer = setTimeout(() => running.signal('SIGKILL'), this.part.stopTimeoutMs);
      await running.ended;
      clearTimeout(timer);
    }
    await this.#loop;
    removeRunRecord(this.#place.dataDirectory, this.part.name);
  }

  /** SIGKILL, when nobody wants to wait any longer. */
  kill(): void {
    this.#stop.abort();
    this.#process?.signal('SIGKILL');
  }

  async #keepRunning(onFirstReady: () => void, onFailure: (why: string) => void): Promise<void> {
    const giveUpAt = Date.now() + START_TIMEOUT_MS;
    let wasReady = false;
    let backoffMs = FIRST_BACKOFF_MS;
    for (let deaths = 0; !this.#stop.signal.aborted; deaths += 1) {
      const startedAt = Date.now();
      const running = await this.#startOnce();
      if (!running) break;
      const deadline = wasReady ? Infinity : giveUpAt;
      if (await this.#untilReady(running, deadline)) {
        this.#onEvent(this.part, { kind: 'ready', tookMs: Date.now() - startedAt, restarts: this.#restarts });
        wasReady = true;
        onFirstReady();
      } else if (!running.hasEnded() && !this.#stop.signal.aborted) {
        running.signal('SIGKILL');
        await running.ended;
        return onFailure(`it was not ready within ${START_TIMEOUT_MS / 1_000} s`);
      }
      const { why } = await running.ended;
      if (this.#stop.signal.aborted) break;
      if (!wasReady && deaths + 1 >= DEATHS_WHILE_STARTING)
        return onFailure(`it ended at once (${why}), ${deaths + 1} times`);
      if (Date.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      this.#onEvent(this.part, { kind: 'ended', why, againInMs: backoffMs });
      await delay(backoffMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      this.#restarts += 1;
    }
    onFailure('it was stopped while it started');
  }

  async #startOnce(): Promise<PartProcess | null> {
    await this.part.prepare();
    if (this.#stop.signal.aborted) return null;
    this.#process = startPartProcess(this.part, this.#place, this.#restarts);
    return this.#process;
  }

  async #untilReady(running: PartProcess, deadline: number): Promise<boolean> {
    while (!running.hasEnded() && !this.#stop.signal.aborted && Date.now() < deadline) {
      if (await this.part.isReady(running.pid).catch(() => false)) return !running.hasEnded();
      await Promise.race([delay(READY_POLL_MS), running.ended]);
    }
    return false;
  }
}
