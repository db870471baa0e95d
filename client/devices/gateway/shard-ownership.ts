import type { Logger } from 'pino';
import type { ShardClaim, ShardLock } from '#domain/ports/job-store.port.ts';
import type { Complaints } from './complaints.ts';
import { WakeUp } from './wake-up.ts';

const RETRY_MS = 200;

export type OwnershipState = 'waiting-for-database' | 'standing-by' | 'owning';

export interface OwnershipDeps {
  readonly lock: ShardLock;
  readonly shard: number;
  readonly log: Logger;
  readonly complaints: Complaints;
  /** The shard is ours from now on. */
  readonly onOwned: (claim: ShardClaim) => void;
  /** The right is lost for the moment: nothing may be answered until it is known whose it is. */
  readonly onSuspended: () => void;
  /** Another process has the shard. */
  readonly onForeign: () => Promise<void>;
}

/** Holds the shard as long as it can, and waits for it otherwise. */
export class ShardOwnership {
  readonly #deps: OwnershipDeps;
  readonly #stopping = new WakeUp();
  #claim: ShardClaim | null = null;
  #state: OwnershipState = 'waiting-for-database';
  #isRunning = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(deps: OwnershipDeps) {
    this.#deps = deps;
  }

  get state(): OwnershipState {
    return this.#state;
  }

  start(): void {
    this.#isRunning = true;
    this.#ended = this.#run();
  }

  /** Gives the shard back. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#stopping.fire();
    await this.#claim?.release();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { lock, shard, log, complaints } = this.#deps;
    while (this.#isRunning) {
      try {
        const claim = await lock.claim(shard);
        if (claim === null) await this.#standBy();
        else await this.#own(claim);
      } catch (error) {
        this.#state = 'waiting-for-database';
        complaints.warn('the database does not answer', error);
      }
      if (this.#isRunning) await this.#stopping.wait(RETRY_MS);
    }
    log.debug({ shard }, 'shard given back');
  }

  async #standBy(): Promise<void> {
    const { shard, log, onForeign } = this.#deps;
    if (this.#state === 'standing-by') return;
    this.#state = 'standing-by';
    log.info({ shard }, 'another gateway serves this shard; standing by');
    await onForeign();
  }

  async #own(claim: ShardClaim): Promise<void> {
    const { shard, log, onOwned, onSuspended } = this.#deps;
    this.#claim = claim;
    if (!this.#isRunning) return claim.release();
    this.#state = 'owning';
    log.info({ shard }, 'shard owned');
    onOwned(claim);
    const why = await claim.lost;
    this.#claim = null;
    if (!this.#isRunning) return;
    this.#state = 'waiting-for-database';
    onSuspended();
    log.warn({ shard, why }, 'shard lost');
  }
}
