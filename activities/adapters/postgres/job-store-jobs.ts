import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { handedOut, type StoredJobDocument } from '#domain/fleet/job-document.ts';
import type { Pool } from './pool.ts';

/** A run has a handful of jobs; beyond this many the oldest are read again when they are asked for. */
const KEPT_JOBS = 1_000;

/** What jobs never change, kept in memory: document, version, time limits. Their status is not here. */
export class JobCache {
  readonly #pool: Pool;
  readonly #artifactBaseUrl: string;
  readonly #bySeq = new Map<number, JobInfo>();
  readonly #byId = new Map<string, JobInfo>();

  /** `artifactBaseUrl` is where devices download from, as long as this process lives. */
  constructor(pool: Pool, artifactBaseUrl: string) {
    this.#pool = pool;
    this.#artifactBaseUrl = artifactBaseUrl;
  }

  /** A job that was loaded by the same batch. Throws when it was not. */
  bySeq(seq: number): JobInfo {
    const job = this.#bySeq.get(seq);
    if (job === undefined) throw new Error(`job ${seq} was not loaded`);
    return job;
  }

  byId(jobId: string): JobInfo | null {
    return this.#byId.get(jobId) ?? null;
  }

  async load(seqs: readonly number[]): Promise<void> {
    const missing = [...new Set(seqs)].filter((seq) => !this.#bySeq.has(seq));
    if (missing.length > 0) await this.#read('seq = any($1::int[])', missing);
  }

  /** Loads those of the named jobs that exist. */
  async loadByIds(jobIds: readonly string[]): Promise<void> {
    const missing = [...new Set(jobIds)].filter((jobId) => !this.#byId.has(jobId));
    if (missing.length > 0) await this.#read('job_id = any($1::text[])', missing);
  }

  async #read(where: string, values: readonly (string | number)[]): Promise<void> {
    const { rows } = await this.#pool.query<JobColumns>(
      `select seq, job_id, version, document, in_progress_timeout_ms, confirm_within_ms, confirm from jobs where ${where}`,
      [values],
    );
    for (const row of rows) this.#keep(jobInfo(row, this.#artifactBaseUrl));
  }

  #keep(job: JobInfo): void {
    this.#bySeq.set(job.seq, job);
    this.#byId.set(job.jobId, job);
    const oldest = this.#bySeq.size > KEPT_JOBS ? this.#bySeq.values().next().value : undefined;
    if (oldest === undefined) return;
    this.#bySeq.delete(oldest.seq);
    this.#byId.delete(oldest.jobId);
  }
}

interface JobColumns {
  seq: number;
  job_id: string;
  version: string;
  document: StoredJobDocument;
  in_progress_timeout_ms: number;
  confirm_within_ms: number;
  confirm: JobInfo['confirm'];
}

const jobInfo = (row: JobColumns, artifactBaseUrl: string): JobInfo => ({
  seq: row.seq,
  jobId: row.job_id,
  version: row.version,
  document: handedOut(row.document, artifactBaseUrl),
  inProgressTimeoutMs: row.in_progress_timeout_ms,
  confirmWithinMs: row.confirm_within_ms,
  confirm: row.confirm,
});
