import { isTerminal } from '#domain/fleet/job-execution.ts';
import type { RowChange } from '#domain/fleet/job-execution-decision.ts';
import type { ReadExecution, RowVersion } from './job-store-rows.ts';

/** Things in the middle of something; who is forgotten is read again. */
const KEPT_THINGS = 20_000;

/**
 * Pending executions as they were last read or written, so that a device in the middle of its job needs no read. Nothing
 * here is trusted: a change that was decided from it is written only where the row is still that version and its job has
 * still that status, and a decision without a change is made again from the database.
 */
export class ExecutionCache {
  readonly #byThing = new Map<string, readonly ReadExecution[]>();

  /** Null when nothing is known of the thing, which may have pending executions all the same. */
  find(thing: string): readonly ReadExecution[] | null {
    return this.#byThing.get(thing) ?? null;
  }

  /** Keeps what was read of a thing. */
  keep(thing: string, executions: readonly ReadExecution[]): void {
    const open = executions.filter(({ row }) => !isTerminal(row.status));
    this.#byThing.delete(thing);
    if (open.length === 0) return;
    this.#byThing.set(thing, open);
    const oldest = this.#byThing.size > KEPT_THINGS ? this.#byThing.keys().next().value : undefined;
    if (oldest !== undefined) this.#byThing.delete(oldest);
  }

  forget(thing: string): void {
    this.#byThing.delete(thing);
  }

  clear(): void {
    this.#byThing.clear();
  }

  /** Follows a change that was written, and made this version of its row. */
  follow({ after, job, jobStatus }: RowChange, version: RowVersion): void {
    const known = this.#byThing.get(after.thing);
    if (known === undefined) return;
    const changed = { row: { ...after, ...version }, job, jobStatus };
    const open = known.map((execution) => (execution.row.jobSeq === after.jobSeq ? changed : execution));
    if (isTerminal(after.status)) this.keep(after.thing, open);
    // In its place: taking a key out and in again makes the map grow and shrink all the time.
    else this.#byThing.set(after.thing, open);
  }
}
