import type { Notice } from '#domain/fleet/job-execution-answer.ts';
import type { Occasion } from '#domain/fleet/job-execution-decision.ts';
import type { JobStore, QueuedCursor } from '#domain/ports/job-store.port.ts';
import { OfferRounds } from './offer-rounds.ts';
import { OfferWindow } from './offer-window.ts';
import { WakeUp } from './wake-up.ts';
import { WithdrawnOffers } from './withdrawn-offers.ts';

const WINDOW = 1_000;
const LEASE_MS = 2_000;
/** Things announced at a time: few enough that fresh requests get between. */
const PAGE = 200;
/** Places that have to be free before the next page is read. */
const WORTH_READING = 100;
/** Places that rounds leave to fresh releases. */
const KEPT_FOR_RELEASES = 200;
const BUSY_POLL_MS = 250;
const IDLE_POLL_MS = 2_000;
const RETRY_MS = 200;
/** Between two pages of withdrawals: nobody answers them, so nothing else says whether the broker keeps up. */
const WITHDRAWAL_REST_MS = 50;

export interface AnnouncerDeps {
  readonly store: Omit<JobStore, 'forget' | 'applyBatch' | 'sweepDeadlines' | 'countRefusals' | 'recordSeen'>;
  readonly now: () => number;
  /** Requests that wait for their answer: while they do, leases run out although the devices did begin. */
  readonly backlog: () => number;
  readonly publish: (notices: readonly Notice[]) => void;
  readonly onError: (error: unknown) => void;
  /** Called when releases were read, before anything is announced. */
  readonly onReleasesRead: () => void;
}

/**
 * Announces what is released, in its order, as fast as devices begin; and again to those that did not answer. Tells devices
 * as well what was taken back from them: in the same loop, so that of two notices the later one is the newer one.
 */
export class OfferAnnouncer {
  readonly #deps: AnnouncerDeps;
  readonly #window = new OfferWindow(LEASE_MS);
  readonly #rounds = new OfferRounds();
  readonly #withdrawn: WithdrawnOffers;
  readonly #wake = new WakeUp();
  /** Null until the first look; kept over a lost broker. */
  #cursor: number | null = null;
  /** Where the round stands; `idle` between rounds. */
  #round: QueuedCursor | 'first' | 'idle' = 'idle';
  /** Jobs whose queue is known to be announced. */
  #openQueues = new Set<number>();
  /** Wakes the loop when fewer places than this are taken. */
  #wakeBelow = 0;
  /** Odd while it runs; each start and stop makes loops begun before it end. */
  #epoch = 0;
  #ended: Promise<void> = Promise.resolve();

  constructor(deps: AnnouncerDeps) {
    this.#deps = deps;
    this.#withdrawn = new WithdrawnOffers(deps.store);
  }

  get inFlight(): number {
    return this.#window.size;
  }

  /** Begins with everything that is queued: what was announced before is taken for lost. */
  start(): void {
    this.#epoch += 1;
    const epoch = this.#epoch;
    this.#ended = this.#ended.then(() => this.#run(epoch));
    this.#wake.fire();
  }

  async stop(): Promise<void> {
    this.#epoch += 1;
    this.#wake.fire();
    await this.#ended;
  }

  /** The thing asked for its next job. */
  begun(thing: string): void {
    this.#window.free(thing);
    if (this.#taken() >= this.#wakeBelow) return;
    this.#wakeBelow = 0;
    this.#wake.fire();
  }

  /** Somebody says that queues changed: that of the job, if they know which. */
  look(jobSeq: number | null = null): void {
    if (jobSeq !== null) this.#withdrawn.changed(jobSeq);
    this.#wake.fire();
  }

  async #run(epoch: number): Promise<void> {
    this.#window.reset();
    this.#round = 'idle';
    this.#rounds.dueNow();
    while (this.#epoch === epoch) {
      try {
        const mayGoOn = await this.#tellWithdrawn();
        const pauseMs = await this.#announceNext();
        if (pauseMs > 0) await this.#wake.wait(mayGoOn ? WITHDRAWAL_REST_MS : pauseMs);
      } catch (error) {
        this.#deps.onError(error);
        await this.#wake.wait(RETRY_MS);
      }
    }
  }

  /** Tells one page of devices what was taken back from them, unless requests wait; true when others may follow. */
  async #tellWithdrawn(): Promise<boolean> {
    if (!this.#withdrawn.isWaiting) return false;
    if (this.#deps.backlog() >= WINDOW) return true;
    const page = await this.#withdrawn.next(PAGE);
    if (page === null) return false;
    for (const thing of page.things) this.#window.free(thing);
    await this.#announce(page.things, 'withdrawal');
    this.#withdrawn.told(page);
    return true;
  }

  /** Announces one page; the result is how long to rest before the next. */
  async #announceNext(): Promise<number> {
    this.#window.expire(this.#deps.now());
    const room = WINDOW - this.#taken();
    if (room < WORTH_READING) return this.#restUntilRoomFor(WORTH_READING);
    if ((await this.#announceReleases(Math.min(room, PAGE))) > 0) return 0;
    await this.#lookAtQueues();
    if (this.#openQueues.size === 0) {
      this.#round = 'idle';
      this.#rounds.nothingIsQueued();
      return IDLE_POLL_MS;
    }
    if (this.#round === 'idle' && this.#rounds.isDue(this.#deps.now())) this.#round = 'first';
    const roomForRound = room - KEPT_FOR_RELEASES;
    if (this.#round === 'idle') return BUSY_POLL_MS;
    if (roomForRound < WORTH_READING) return this.#restUntilRoomFor(KEPT_FOR_RELEASES + WORTH_READING);
    await this.#announceRound(this.#round, Math.min(roomForRound, PAGE));
    return 0;
  }

  #taken(): number {
    return Math.max(this.#window.size, this.#deps.backlog());
  }

  #restUntilRoomFor(places: number): number {
    this.#wakeBelow = WINDOW - places + 1;
    return BUSY_POLL_MS;
  }

  async #announceReleases(limit: number): Promise<number> {
    const { store, now, onReleasesRead } = this.#deps;
    // What was released before the first look is found by the first round.
    this.#cursor ??= await store.newestRelease();
    const page = await store.releasedAfter(this.#cursor, limit);
    const read = page.cursor - this.#cursor;
    if (read === 0) return 0;
    onReleasesRead();
    const announced = await this.#announce(page.things, 'release');
    if (announced > 0) for (const job of page.jobs) this.#openQueues.add(job);
    this.#cursor = page.cursor;
    this.#rounds.released(now());
    return read;
  }

  /** A queue that opens although nothing of it was announced was held: what it had released already is announced now. */
  async #lookAtQueues(): Promise<void> {
    const open = await this.#deps.store.openQueues();
    if (open.some((job) => !this.#openQueues.has(job))) this.#rounds.dueNow();
    this.#openQueues = new Set(open);
  }

  async #announceRound(from: QueuedCursor | 'first', limit: number): Promise<void> {
    const page = await this.#deps.store.queuedPage(from === 'first' ? null : from, limit);
    // Who was told a moment ago has not had the time to begin.
    const silent = page.things.filter((thing) => !this.#window.has(thing));
    await this.#announce(silent, 'release');
    this.#round = page.next ?? 'idle';
    if (page.next === null) this.#rounds.ended(this.#deps.now());
  }

  async #announce(things: readonly string[], occasion: Occasion): Promise<number> {
    if (things.length === 0) return 0;
    const notices = await this.#deps.store.noticesFor(things, occasion, this.#deps.now());
    // Only who can begin takes a place: nobody else's request would free it.
    const able = notices.filter(canBegin).map(({ thing }) => thing);
    this.#window.take(able, this.#deps.now());
    this.#deps.publish(notices);
    return notices.length;
  }
}

const canBegin = (notice: Notice): boolean => notice.topic === 'notify-next' && 'jobId' in notice.payload.execution;
