import type { Client } from '@temporalio/client';
import { readOpenRunsOf, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Obstacle } from '#domain/coordination/admission.ts';
import type { EngineDeps } from '../engine.ts';
import { queueOf } from '../environments/queue-of.ts';

/** Where a run stands in the queue of its environment. */
export interface QueuePlace {
  /** From 1 on. */
  readonly position: number;
  readonly of: number;
  /** It has begun, and keeps meanwhile what it changes. */
  readonly resumes: boolean;
  /** Null when it is about to be let in. */
  readonly obstacle: Obstacle | null;
  /** The runs that it waits for. */
  readonly behind: readonly RunRow[];
}

/** A run is shown without its place sooner than late. */
const ANSWER_WITHIN_MS = 2_000;
/** Who looks again and again does not wait at every look for nobody. */
const ASK_AGAIN_AFTER_MS = 10_000;

/** Asks coordinators on a connection of its own: one to a server that is away would hold up whoever only wants to see a run. */
export class QueueObserver {
  readonly #deps: EngineDeps;
  #client: Client | undefined;
  #silentUntil = 0;

  constructor(deps: EngineDeps) {
    this.#deps = deps;
  }

  /** Null for a run that waits for no place, and when its coordinator cannot be asked. Never throws. */
  async placeOf(row: RunRow): Promise<QueuePlace | null> {
    if (row.phase !== 'queued' || row.closed || row.place === null) return null;
    if (performance.now() < this.#silentUntil) return null;
    try {
      return await this.#ask(row);
    } catch {
      this.#silentUntil = performance.now() + ASK_AGAIN_AFTER_MS;
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#client?.connection.close();
    this.#client = undefined;
  }

  async #ask({ run, environment }: RunRow): Promise<QueuePlace | null> {
    const { readBooks } = await import('../environments/read-books.ts');
    this.#client ??= await this.#connect();
    const books = await readBooks(this.#client, environment, ANSWER_WITHIN_MS);
    const rows = await readOpenRunsOf(await this.#deps.database(), environment);
    const { waiting } = queueOf(books, rows, new Date().toISOString());
    const found = waiting.find((one) => one.row.run === run);
    if (!found) return null;
    const { position, resumes, obstacle } = found;
    const behind = new Set(obstacle?.behind);
    return { position, of: waiting.length, resumes, obstacle, behind: rows.filter((one) => behind.has(one.run)) };
  }

  async #connect(): Promise<Client> {
    const { connectTemporal } = await import('../../../activities/adapters/temporal/connect.ts');
    const { temporalAddress: address, temporalNamespace: namespace } = this.#deps.settings;
    return connectTemporal({ address, namespace }, ANSWER_WITHIN_MS);
  }
}
