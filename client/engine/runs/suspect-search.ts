import { listUnfinishedRuns } from '../../../activities/adapters/postgres/runs.ts';
import type { EngineDeps } from '../engine.ts';

/** Longer than Temporal keeps closed runs: of older ones nothing can be learnt any more. */
const LOOK_BACK_DAYS = 3;
/** So many are asked one by one, which is always true at once; of more the server's lists come first. */
const ASKED_ONE_BY_ONE = 200;
const PAGE = 1_000;
/** How long after its end a run may be missing in the list of closed ones, clocks that differ included. */
const LAG_MS = 60_000;
/** Finds what a longer lag has hidden. */
const LIST_ALL_EVERY_MS = 10 * 60_000;

export interface Suspect {
  readonly run: string;
  readonly workflowId: string;
}

/**
 * Finds runs without a final entry that may be over, look after look. The server's lists lag behind by moments: one that has
 * just ended may still stand as open, and is found the next time; one that has just begun may be missing, and is asked.
 * Beside many open runs all of them are listed once and then now and again, in between only those that closed.
 */
export class SuspectSearch {
  readonly #deps: EngineDeps;
  /** Workflows of which nobody has heard that they closed. */
  #open = new Set<string>();
  #listedAllAt = Number.NEGATIVE_INFINITY;
  #lookedAt = 0;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Throws when Temporal or the database cannot tell; the next look makes up for it. */
  async look(): Promise<readonly Suspect[]> {
    const unfinished = await listUnfinishedRuns(await this.#deps.database(), LOOK_BACK_DAYS);
    if (unfinished.length <= ASKED_ONE_BY_ONE) return unfinished;
    const suspects = (): Suspect[] =>
      unfinished.filter(({ workflowId, closed }) => closed || !this.#open.has(workflowId));
    const at = Date.now();
    // A clock that was set back says nothing of how long ago the last look was.
    const isDue = at - this.#listedAllAt >= LIST_ALL_EVERY_MS || at < this.#lookedAt;
    if (!isDue) await this.#dropClosed();
    if (isDue || suspects().length > ASKED_ONE_BY_ONE) {
      this.#open = await this.#list("ExecutionStatus = 'Running'");
      this.#listedAllAt = at;
    }
    this.#lookedAt = at;
    return suspects();
  }

  /** Somebody asked this one: it goes on, and Temporal will list its end. */
  noteOpen({ workflowId }: Suspect): void {
    this.#open.add(workflowId);
  }

  async #dropClosed(): Promise<void> {
    const since = new Date(this.#lookedAt - LAG_MS).toISOString();
    for (const closed of await this.#list(`ExecutionStatus != 'Running' AND CloseTime >= '${since}'`)) {
      this.#open.delete(closed);
    }
  }

  async #list(query: string): Promise<Set<string>> {
    const client = await this.#deps.temporal();
    const found = new Set<string>();
    for await (const { workflowId } of client.workflow.list({ query, pageSize: PAGE })) found.add(workflowId);
    return found;
  }
}
