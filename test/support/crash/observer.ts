// Looks at a run all the time, so that a death can be told with where the run stood and how long it stood still.
import { setTimeout as pause } from 'node:timers/promises';
import { readPosition, type Position } from './run-rows.ts';
import type { Trial } from './trial.ts';
import type { Victim } from './killable-stack.ts';

const LOOK_EVERY_MS = 100;

interface Move {
  /** When it was seen, and when the look before that had not seen it. */
  readonly atMs: number;
  readonly unseenAtMs: number;
  readonly of: 'engine' | 'fleet';
}

/** Who moves again once this one is back: the engine's own steps, the devices', or either. */
const MOVED_BY: Readonly<Record<Victim, readonly Move['of'][]>> = {
  worker: ['engine'],
  temporal: ['engine'],
  gateway: ['fleet'],
  mosquitto: ['fleet'],
  haproxy: ['engine'],
  docker: ['engine'],
  registry: ['engine'],
  http: ['fleet'],
  postgres: ['engine', 'fleet'],
  up: ['engine', 'fleet'],
  everything: ['engine', 'fleet'],
};

export class Observer {
  readonly #trial: Trial;
  readonly #moves: Move[] = [];
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;
  #last: Position | undefined;
  #lastAtMs = 0;

  constructor(trial: Trial) {
    this.#trial = trial;
    this.#ended = this.#run();
  }

  /** The last position that was seen; a database that is away shows nothing new. */
  get last(): Position | undefined {
    return this.#last;
  }

  /** Milliseconds from `atMs` until the run went on after the death of `victim`; null when it did not any more. */
  wentOnAfterMs(victim: Victim, atMs: number): number | null {
    // Both looks after the death: what is seen for the first time may have happened before it.
    const move = this.#moves.find((one) => one.unseenAtMs > atMs && MOVED_BY[victim].includes(one.of));
    return move === undefined ? null : move.atMs - atMs;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look().catch(() => undefined);
      await pause(LOOK_EVERY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const startedMs = Date.now();
    const now = await readPosition(this.#trial.world.pool, this.#trial.run);
    const [before, unseenAtMs] = [this.#last, this.#lastAtMs];
    [this.#last, this.#lastAtMs] = [now, startedMs];
    if (!before) return;
    const seen = { atMs: startedMs, unseenAtMs };
    if (now.engineMoves !== before.engineMoves) this.#moves.push({ ...seen, of: 'engine' });
    if (now.fleetMoves !== before.fleetMoves) this.#moves.push({ ...seen, of: 'fleet' });
  }
}
