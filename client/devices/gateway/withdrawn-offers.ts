import type { JobMark, JobStore, WithdrawnSearch } from '#domain/ports/job-store.port.ts';

/** A withdrawal is as old as its transaction's begin; whoever was told within this time may be told twice. */
const OVERLAP_MS = 10_000;
/** How far the first look at a job goes back: its signal came with the change, unless many thousands were withdrawn. */
const FIRST_LOOK_BACK_MS = 60_000;
/** A run has a handful of jobs; of those beyond this many the oldest are looked at as if for the first time. */
const KEPT_MARKS = 1_000;

export interface WithdrawnThings {
  readonly things: readonly string[];
  /** What remains of the search behind them; null when that was all. */
  readonly rest: WithdrawnSearch | null;
}

/**
 * Finds whom to tell that a job is not theirs any more, job by job as they are said to have changed. A job that was only
 * released to more devices costs a glance at its status and counters. Nothing of this survives the process: who missed
 * the push hears of it by the answer to the next request.
 */
export class WithdrawnOffers {
  readonly #store: Pick<JobStore, 'markOfJob' | 'withdrawnPage'>;
  readonly #changed = new Set<number>();
  /** How jobs stood when they were looked at last. */
  readonly #marks = new Map<number, JobMark>();
  #search: WithdrawnSearch | null = null;

  constructor(store: Pick<JobStore, 'markOfJob' | 'withdrawnPage'>) {
    this.#store = store;
  }

  /** Somebody says that the job changed. */
  changed(jobSeq: number): void {
    this.#changed.add(jobSeq);
  }

  get isWaiting(): boolean {
    return this.#search !== null || this.#changed.size > 0;
  }

  /** The next things to tell; the same again until `told`. Null when there are none. */
  async next(limit: number): Promise<WithdrawnThings | null> {
    for (;;) {
      this.#search ??= await this.#nextSearch();
      if (this.#search === null) return null;
      const { things, next } = await this.#store.withdrawnPage(this.#search, limit);
      const rest = next === null ? null : { ...this.#search, after: next };
      if (things.length > 0) return { things, rest };
      this.#search = rest;
    }
  }

  told({ rest }: WithdrawnThings): void {
    this.#search = rest;
  }

  /** The search in the first changed job of which something may have been withdrawn; null when there is none. */
  async #nextSearch(): Promise<WithdrawnSearch | null> {
    for (const jobSeq of this.#changed) {
      const mark = await this.#markOf(jobSeq);
      const last = this.#marks.get(jobSeq);
      if (mark === null) continue;
      this.#keep(jobSeq, mark);
      const isStatusNew = mark.status !== 'open' && mark.status !== last?.status;
      if (!isStatusNew && mark.canceled === (last?.canceled ?? 0)) continue;
      const sinceMs = last === undefined ? mark.atMs - FIRST_LOOK_BACK_MS : last.atMs - OVERLAP_MS;
      return { jobSeq, sinceMs, isStatusNew, after: '' };
    }
    return null;
  }

  /** Taken from the list first: what is said in the meantime counts for the next look. */
  async #markOf(jobSeq: number): Promise<JobMark | null> {
    this.#changed.delete(jobSeq);
    try {
      return await this.#store.markOfJob(jobSeq);
    } catch (error) {
      this.#changed.add(jobSeq);
      throw error;
    }
  }

  #keep(jobSeq: number, mark: JobMark): void {
    this.#marks.delete(jobSeq);
    this.#marks.set(jobSeq, mark);
    const oldest = this.#marks.size > KEPT_MARKS ? this.#marks.keys().next().value : undefined;
    if (oldest !== undefined) this.#marks.delete(oldest);
  }
}
