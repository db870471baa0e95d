// The jobs of a run: one for each wave, one for each version that devices go back to.
import type { JobId } from '#domain/ids.ts';
import type { StoredJobDocument } from '#domain/fleet/job-document.ts';
import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import type { Confirmation } from '#domain/plan/plan.ts';
import type { Connection, Pool } from './pool.ts';

type Queryable = Pool | Connection;

export type JobStatus = 'open' | 'held' | 'cancelled';

export interface NewJob {
  readonly jobId: JobId;
  readonly run: string;
  readonly kind: { readonly purpose: 'install'; readonly wave: number } | { readonly purpose: 'way-back' };
  readonly status: 'open' | 'held';
  readonly document: StoredJobDocument;
  readonly confirmation: Confirmation;
}

export interface StoredJob {
  readonly seq: number;
  readonly version: string;
}

/** Stores the job, or finds the one of that id that an earlier attempt stored. Fails when that one offers another version. */
export async function ensureJob(database: Queryable, job: NewJob): Promise<StoredJob> {
  const { kind, document, confirmation } = job;
  await database.query(
    `insert into jobs (job_id, run_id, purpose, wave, version, document, in_progress_timeout_ms, confirm_within_ms, confirm,
       status, operation)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (job_id) do nothing`,
    [
      job.jobId,
      job.run,
      kind.purpose,
      kind.purpose === 'install' ? kind.wave : null,
      document.version,
      JSON.stringify(document),
      confirmation.inProgressTimeoutMs,
      confirmation.confirmWithinMs,
      confirmation.mode,
      job.status,
      OPERATIONS[document.operation],
    ],
  );
  const stored = await findJob(database, job.jobId);
  if (!stored) throw new Error(`job ${job.jobId} was stored and is not there`);
  if (stored.version !== document.version) {
    throw new Error(`job ${job.jobId} offers ${stored.version}, not ${document.version}`);
  }
  return stored;
}

const OPERATIONS: Readonly<Record<StoredJobDocument['operation'], SlotOperation>> = {
  'firmware.install': 'install',
  'firmware.stage': 'stage',
  'firmware.activate': 'activate',
};

/** The job of that id, or null. */
export async function findJob(database: Queryable, jobId: JobId): Promise<StoredJob | null> {
  const { rows } = await database.query<StoredJob>('select seq, version from jobs where job_id = $1', [jobId]);
  return rows[0] ?? null;
}

/** The sequence numbers of a run's install jobs, by wave. */
export async function installJobs(pool: Pool, run: string): Promise<number[]> {
  const { rows } = await pool.query<{ seq: number }>(
    `select seq from jobs where run_id = $1 and purpose = 'install' order by wave`,
    [run],
  );
  return rows.map(({ seq }) => seq);
}

/** Tells the gateways, at the commit, that the job's queue changed: released, opened again, held or withdrawn. */
export async function announceJob(connection: Connection, jobSeq: number): Promise<void> {
  await connection.query(`select pg_notify('job_release', $1)`, [String(jobSeq)]);
}
