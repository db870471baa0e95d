/** What one device was offered, and how it went. */
import type { SlotOperation } from '#domain/fleet/slot-operation.ts';
import { STAGE, STATUS_NAMES, type StatusCode, type StatusName } from '#domain/fleet/job-execution.ts';
import type { ThingName } from '#domain/ids.ts';
import type { Iso } from '#domain/time.ts';
import type { Pool } from './pool.ts';

export interface DeviceExecution {
  readonly jobId: string;
  readonly runId: string;
  readonly purpose: 'install' | 'way-back';
  readonly operation: SlotOperation;
  readonly version: string;
  readonly status: StatusName;
  /** How far the device says that it came. */
  readonly stage: keyof typeof STAGE;
  readonly queuedAt: Iso;
  readonly startedAt: Iso | null;
  readonly updatedAt: Iso;
  /** The device's own words with its last report. */
  readonly details: Readonly<Record<string, string>>;
}

interface Row extends Omit<DeviceExecution, 'status' | 'stage' | 'queuedAt' | 'startedAt' | 'updatedAt'> {
  readonly status: StatusCode;
  readonly stage: number;
  readonly queuedAt: Date;
  readonly startedAt: Date | null;
  readonly updatedAt: Date;
}

/** The last `count` executions of a device, newest first. */
export async function lastExecutions(pool: Pool, thing: ThingName, count: number): Promise<DeviceExecution[]> {
  const { rows } = await pool.query<Row>(
    `select j.job_id as "jobId", j.run_id as "runId", j.purpose, j.operation, j.version, e.status, e.stage,
       e.queued_at as "queuedAt", e.started_at as "startedAt", e.updated_at as "updatedAt",
       coalesce(e.status_details, '{}') as details
     from job_executions e join jobs j on j.seq = e.job_seq
     where e.thing = $1 order by e.job_seq desc limit $2`,
    [thing, count],
  );
  return rows.map((row) => ({
    ...row,
    status: STATUS_NAMES[row.status],
    stage: stageName(row.stage),
    queuedAt: row.queuedAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  }));
}

function stageName(code: number): keyof typeof STAGE {
  const names = Object.keys(STAGE) as (keyof typeof STAGE)[];
  return names.find((name) => STAGE[name] === code) ?? 'unknown';
}
