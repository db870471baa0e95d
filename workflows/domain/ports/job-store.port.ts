import type { Answer, Notice } from '../fleet/job-execution-answer.ts';
import type { Occasion } from '../fleet/job-execution-decision.ts';
import type { StoreRequest } from '../fleet/job-execution-request.ts';
import type { JobStatus } from '../fleet/job-execution.ts';

/** What a request came to; neither part may leave before its changes are durable. */
export interface Outcome {
  readonly answer: Answer;
  readonly notices: readonly Notice[];
}

/** Connections that apply batches side by side; each counts in rows of its own. */
export const STORE_SLOTS = 2;

/** How exact `last_seen` is kept: a row for every message of every device would cost more than all else. */
export const SEEN_GRAIN_MS = 30_000;

export interface ReleasedPage {
  /** Things with a job that was released after the cursor and is still queued. */
  readonly things: readonly string[];
  /** Their jobs, by `seq`. */
  readonly jobs: readonly number[];
  /** Where the next page begins; equal to the given cursor when there was nothing. */
  readonly cursor: number;
}

export interface QueuedPage {
  readonly things: readonly string[];
  /** Null after the last page. */
  readonly next: QueuedCursor | null;
}

export interface QueuedCursor {
  readonly jobSeq: number;
  readonly thing: string;
}

/** How a job stood at an instant of the store's clock. */
export interface JobMark {
  readonly status: JobStatus;
  /** Its executions that were cancelled so far, by whomever. */
  readonly canceled: number;
  readonly atMs: number;
}

/** Which devices of a job to tell that it is not theirs any more. */
export interface WithdrawnSearch {
  readonly jobSeq: number;
  /** Withdrawn since then, by the store's clock. */
  readonly sinceMs: number;
  /** Also what the job's status keeps from them: queued executions of a held job, those in progress of a cancelled one. */
  readonly isStatusNew: boolean;
  /** Behind this thing; '' begins. */
  readonly after: string;
}

export interface WithdrawnPage {
  /** By name; none of them has said that it knows. */
  readonly things: readonly string[];
  /** The thing behind which the next page begins; null after the last one. */
  readonly next: string | null;
}

/**
 * The executions of the devices of one shard. Every implementation decides by `decide`; what it answers is durable.
 * Implemented by PostgreSQL, and in memory for the raw loop of the bench.
 */
export interface JobStore {
  /** Forgets what it remembers of devices: another gateway may have served them meanwhile. */
  forget(): void;
  /**
   * Applies requests of different things, at most one of each, on slot `slot`, and gives their outcomes in order. Throws
   * when it cannot tell whether they were applied: repeat the batch, equal tokens are not applied twice.
   */
  applyBatch(slot: number, requests: readonly StoreRequest[], nowMs: number): Promise<readonly Outcome[]>;
  /** The cursor of the newest release. */
  newestRelease(): Promise<number>;
  releasedAfter(cursor: number, limit: number): Promise<ReleasedPage>;
  /** Jobs that may be handed out and still have queued executions. */
  openQueues(): Promise<readonly number[]>;
  /** Things with a queued execution of an open job, by (job, thing); `after` null begins at the first. */
  queuedPage(after: QueuedCursor | null, limit: number): Promise<QueuedPage>;
  /** What these things are to be told of their pending jobs, whether they heard it before or not. */
  noticesFor(things: readonly string[], occasion: Occasion, nowMs: number): Promise<readonly Notice[]>;
  /** Null when there is no such job. */
  markOfJob(jobSeq: number): Promise<JobMark | null>;
  withdrawnPage(search: WithdrawnSearch, limit: number): Promise<WithdrawnPage>;
  /** Ends executions past their deadline, at most `limit`; gives the pushes that follow. */
  sweepDeadlines(nowMs: number, limit: number): Promise<SweepResult>;
  /** Adds refused requests, by code, to the day's counts. */
  countRefusals(counts: ReadonlyMap<string, number>): Promise<void>;
  /** Notes that these things were heard; a note that is younger than `SEEN_GRAIN_MS` stands. */
  recordSeen(things: readonly string[], nowMs: number): Promise<void>;
}

export interface SweepResult {
  readonly ended: number;
  readonly notices: readonly Notice[];
}

/** The exclusive right to serve a shard's devices; it ends with the connection that holds it. */
export interface ShardClaim {
  /** Resolves with the reason when the right is lost. Never rejects. */
  readonly lost: Promise<string>;
  /** Called for each signal of that name; `payload` is empty when the sender gave none. */
  onSignal(name: ShardSignal, listener: (payload: string) => void): void;
  release(): Promise<void>;
}

/**
 * What other processes tell a gateway: a job was released, opened, held or withdrawn (its number is the payload), or
 * credentials are to be issued.
 */
export type ShardSignal = 'job_release' | 'broker_credentials';

export interface ShardLock {
  /** The right to `shard`, or null while another process has it. Throws when the database does not answer. */
  claim(shard: number): Promise<ShardClaim | null>;
}
