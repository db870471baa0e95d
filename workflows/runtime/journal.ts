import { CancellationScope, patched, sleep } from '@temporalio/workflow';
import type { JournalEntry, JournalEventType } from '#domain/journal/journal-entry.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { now } from './clock.ts';

/** The append is tried again by the server; what it gave up for good is tried again at the end, but not without a breath. */
const AGAIN_MS = 10_000;

interface Batch<View> {
  readonly run: string;
  readonly entries: readonly JournalEntry[];
  readonly view: View;
}
type Append<View> = (batch: Batch<View>) => Promise<void>;
/** Part of an effect's input. */
interface Carried<View> {
  readonly journal?: Batch<View>;
}
type Data = Readonly<Record<string, unknown>>;

/**
 * The ordered events of a run, and how it stands after them. Recorded in memory (a function of the history, so never lost), shipped in batches beside
 * the next effect or with it, drained before the run returns. What travels twice is stored once.
 */
export class Journal<View = RunView> {
  readonly entries: JournalEntry[] = [];
  readonly #append: Append<View>;
  readonly #run: string;
  readonly #view: () => View;
  #sent = 0;
  #pump: Promise<void> | undefined;

  constructor(run: string, append: Append<View>, view: () => View) {
    this.#run = run;
    this.#append = append;
    this.#view = view;
  }

  /** Records one event; `later` lets it travel with the next one instead of starting a batch of its own. */
  record(type: JournalEventType, summary: string, data: Data = {}, when: 'now' | 'later' = 'now'): void {
    this.entries.push({ seq: this.entries.length + 1, at: now(), type, summary, data });
    if (when === 'now') void this.#start();
  }

  /** Returns when everything recorded so far is stored. */
  async drain(): Promise<void> {
    while (this.#sent < this.entries.length || this.#pump) {
      const before = this.#sent;
      await this.#start();
      const isStuck = this.#sent === before && before < this.entries.length;
      if (isStuck) await sleep(AGAIN_MS, { summary: 'the journal was not stored: try again' });
    }
  }

  /** Lets what is not stored travel with `effect`, whose activity stores it before it begins: one way to a worker for both. */
  async carriedBy<T>(effect: (carried: Carried<View>) => Promise<T>): Promise<T> {
    const upTo = this.entries.length;
    const entries = this.entries.slice(this.#sent);
    // A batch under way takes along what came after it.
    const isCarried = this.#pump === undefined && entries.length > 0;
    const result = await effect(isCarried ? { journal: { run: this.#run, entries, view: this.#view() } } : {});
    if (isCarried) this.#sent = Math.max(this.#sent, upTo);
    return result;
  }

  #start(): Promise<void> {
    let isStored = true;
    this.#pump ??= CancellationScope.nonCancellable(() => this.#ship())
      // Kept for the next batch: an unhandled rejection would fail the workflow task for ever.
      .catch(() => {
        isStored = false;
      })
      .finally(() => {
        this.#pump = undefined;
        // What was recorded since the pump last looked found it there, and started none.
        if (isStored && this.#sent < this.entries.length && patched('journal-late-entry')) void this.#start();
      });
    return this.#pump;
  }

  async #ship(): Promise<void> {
    // One turn of patience: what the same activation records goes with this batch.
    await Promise.resolve();
    while (this.#sent < this.entries.length) {
      const upTo = this.entries.length;
      await this.#append({ run: this.#run, entries: this.entries.slice(this.#sent), view: this.#view() });
      // An effect may have carried them meanwhile.
      this.#sent = Math.max(this.#sent, upTo);
    }
  }
}
