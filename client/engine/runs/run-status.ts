import {
  readWaveTallies,
  readWayBackTally,
  type WaveTally,
  type WayBackTally,
} from '../../../activities/adapters/postgres/run-counts.ts';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { progressPercent, stepProgressPercent } from './run-progress.ts';

/** A run with its devices, as the database has it this moment. */
export interface RunStatus {
  readonly row: RunRow;
  readonly waves: readonly WaveTally[];
  readonly wayBack: WayBackTally;
  /** 0 to 100. */
  readonly progress: number;
}

/** How a run stands, with live counts. Throws RUN_NOT_FOUND. */
export async function readRunStatus(pool: Pool, run: string): Promise<RunStatus> {
  const [row, waves, wayBack] = await Promise.all([
    readRun(pool, run),
    readWaveTallies(pool, run),
    readWayBackTally(pool, run),
  ]);
  if (!row) throw sluiceError('RUN_NOT_FOUND', { run });
  return { row, waves, wayBack, progress: progressOf(row, waves) };
}

const progressOf = (row: RunRow, waves: readonly WaveTally[]): number =>
  row.subject.kind !== 'firmware' ? stepProgressPercent(row.phase, row.view) : progressPercent(row.phase, waves);
