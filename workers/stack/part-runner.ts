import { setTimeout as delay } from 'node:timers/promises';
import { PART_TITLES } from '../../client/engine/stack/part-names.ts';
import { removeRunRecord } from '../../client/engine/stack/run-records.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { logFileOf, startPartProcess, type PartEnd, type PartPlace, type PartProcess } from './part-process.ts';
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
const LIVES_WHILE_STARTING = 5;

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
      });
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
    for (let lives = 1; !this.#stop.signal.aborted; lives += 1) {
      const startedAt = Date.now();
      const { why, becameReady } = await this.#live(wasReady ? Infinity : giveUpAt, onFirstReady);
      wasReady ||= becameReady;
      if (this.#stop.signal.aborted) break;
      if (!wasReady && lives >= LIVES_WHILE_STARTING) return onFailure(`it ended ${lives} times before (${why})`);
      if (!wasReady && Date.now() > giveUpAt) return onFailure(`it was not ready within ${START_TIMEOUT_MS / 1_000} s`);
      if (Date.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      this.#onEvent(this.part, { kind: 'ended', why, againInMs: backoffMs });
      await delay(backoffMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
      this.#restarts += 1;
    }
    onFailure('it was stopped while it started');
  }

  /** One process of the part, from its preparation to its end. */
  async #live(readyBefore: number, onReady: () => void): Promise<{ why: string; becameReady: boolean }> {
    const startedAt = Date.now();
    const running = await this.#startProcess();
    if ('why' in running) return { ...running, becameReady: false };
    const becameReady = await this.#untilReady(running, readyBefore);
    if (becameReady) {
      this.#onEvent(this.part, { kind: 'ready', tookMs: Date.now() - startedAt, restarts: this.#restarts });
      onReady();
    } else if (!this.#stop.signal.aborted) {
      // Ended already, or in its way: it had its time.
      running.signal('SIGKILL');
    }
    return { ...(await running.ended), becameReady };
  }

  async #startProcess(): Promise<PartProcess | PartEnd> {
    try {
      await this.part.prepare();
      if (this.#stop.signal.aborted) return { why: 'stopped' };
      this.#process = startPartProcess(this.part, this.#place, this.#restarts);
      return this.#process;
    } catch (error) {
      // A full disk now is no reason never to try again.
      return { why: error instanceof Error ? error.message : String(error) };
    }
  }

  async #untilReady(running: PartProcess, deadline: number): Promise<boolean> {
    while (!running.hasEnded() && !this.#stop.signal.aborted && Date.now() < deadline) {
      if (await this.part.isReady(running.pid).catch(() => false)) return !running.hasEnded();
      await Promise.race([delay(READY_POLL_MS), running.ended]);
    }
    return false;
  }
}
