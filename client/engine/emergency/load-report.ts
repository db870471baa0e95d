import {
  latestEmergency,
  readEmergency,
  releasesOfRuns,
  type EmergencyRow,
} from '../../../activities/adapters/postgres/emergencies.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { readRunsOf } from '../../../activities/adapters/postgres/runs.ts';
import { emergencyIdFrom, NO_RUNS, type EmergencyReport, type StoppedRun } from '#domain/emergency/emergency.ts';
import { stoppedRun } from '#domain/emergency/stop-run.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';

/** The rollback of an environment as it stands. */
export interface ShownEmergency {
  readonly report: EmergencyReport;
  readonly isOpen: boolean;
  /** Its workflow was ended before its work was done. */
  readonly isCutShort: boolean;
}

/** By `emg_…`, its workflow id, or the name of an environment, whose latest it is. Throws EMERGENCY_UNKNOWN. */
export async function loadReport(
  deps: EngineDeps,
  text: string,
  note: (line: string) => void = () => undefined,
): Promise<ShownEmergency> {
  const id = emergencyIdFrom(text);
  const shown = await patientRead(
    deps,
    async (pool) => {
      const row = id === null ? await latestEmergency(pool, text) : await readEmergency(pool, id);
      return row && shownOf(pool, row);
    },
    note,
  );
  if (!shown) throw sluiceError('EMERGENCY_UNKNOWN', { wanted: text });
  return shown;
}

/** While it is open its runs are told as they stand this moment. */
async function shownOf(pool: Pool, row: EmergencyRow): Promise<ShownEmergency> {
  const report = row.report ?? unheard(row);
  const isCutShort = row.endedAt !== null && report.stage !== 'ended';
  const isOpen = row.endedAt === null;
  if (report.stage === 'ended') return { report, isOpen, isCutShort };
  const runs = await runsNow(pool, row);
  const runCounts = { ...NO_RUNS };
  for (const { end } of runs) runCounts[end] += 1;
  return { report: { ...report, runs, runCounts, endedAt: row.endedAt }, isOpen, isCutShort };
}

async function runsNow(pool: Pool, { environment, openRuns }: EmergencyRow): Promise<StoppedRun[]> {
  const known = new Set(openRuns);
  const rows = await readRunsOf(pool, { environment, runs: openRuns });
  const releases = await releasesOfRuns(pool, openRuns);
  return rows.filter(({ run }) => known.has(run)).map((row) => stoppedRun(row, releases));
}

/** No worker has taken it yet. */
const unheard = ({ id, environment, input, startedAt }: EmergencyRow): EmergencyReport => ({
  ...{ schema: 1, id, environment, to: input.to, by: input.startedBy.by, reason: input.startedBy.reason },
  ...{ stage: 'taking-hold', startedAt, endedAt: null, runs: [], runCounts: NO_RUNS, applications: [], left: [] },
});
