/** Rollbacks of whole environments: table `emergencies`. */
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';
import type { EmergencyInput, EmergencyReport } from '#domain/emergency/emergency.ts';
import type { Present, StableRelease } from '#domain/emergency/plan-ways-back.ts';
import type { Iso } from '#domain/time.ts';
import { jsonText } from './json-text.ts';
import type { Connection, Pool } from './pool.ts';
import { listRuns } from './runs.ts';

export interface EmergencyRow {
  readonly id: string;
  readonly environment: string;
  readonly input: EmergencyInput;
  readonly openRuns: readonly string[];
  /** Null until its first journal entry arrived. */
  readonly report: EmergencyReport | null;
  readonly startedAt: Iso;
  readonly endedAt: Iso | null;
}

interface Row extends Omit<EmergencyRow, 'startedAt' | 'endedAt'> {
  readonly startedAt: Date;
  readonly endedAt: Date | null;
}

const SELECT = `select emergency_id as id, environment, input, open_runs as "openRuns", report, started_at as "startedAt",
  ended_at as "endedAt" from emergencies`;

/** Writes a new one with the runs that are open now. The caller holds the lock of the environment's starts. */
export async function insertEmergency(connection: Connection, input: EmergencyInput): Promise<void> {
  await connection.query(
    `insert into emergencies (emergency_id, environment, input, open_runs)
     select $1, $2, $3, coalesce(array_agg(run_id order by started_at, run_id), '{}')
     from runs where environment = $2 and not closed
     on conflict (emergency_id) do nothing`,
    [input.id, input.environment, jsonText(input)],
  );
}

export async function readEmergency(database: Connection | Pool, id: string): Promise<EmergencyRow | null> {
  return first(database, `${SELECT} where emergency_id = $1`, id);
}

/** The one that an environment is in, or null. */
export async function openEmergency(database: Connection | Pool, environment: string): Promise<EmergencyRow | null> {
  return first(database, `${SELECT} where environment = $1 and ended_at is null`, environment);
}

export async function latestEmergency(database: Pool, environment: string): Promise<EmergencyRow | null> {
  return first(database, `${SELECT} where environment = $1 order by started_at desc limit 1`, environment);
}

/** As the environment's coordinator needs it; null when there is none. */
export async function holdOf(database: Pool, environment: string): Promise<EmergencyHold | null> {
  const open = await openEmergency(database, environment);
  return open && { id: open.id, since: open.startedAt };
}

/** Those that are open, and those whose coordinator was not told of their end. */
export async function unfinishedEmergencies(database: Pool): Promise<EmergencyRow[]> {
  const { rows } = await database.query<Row>(`${SELECT} where released_at is null order by started_at`);
  return rows.map(emergencyOf);
}

/** Keeps the report after entry `seq`, unless a later one is there. */
export async function saveReport(connection: Connection, id: string, seq: number, report: EmergencyReport) {
  await connection.query(
    'update emergencies set report = $3, report_seq = $2 where emergency_id = $1 and report_seq < $2',
    [id, seq, jsonText(report)],
  );
}

export async function markEnded(database: Pool, id: string, at: Iso): Promise<void> {
  await database.query('update emergencies set ended_at = coalesce(ended_at, $2) where emergency_id = $1', [id, at]);
}

export async function markReleased(database: Pool, id: string): Promise<void> {
  await database.query('update emergencies set released_at = coalesce(released_at, now()) where emergency_id = $1', [
    id,
  ]);
}

interface ReleaseRow extends Omit<StableRelease, 'stableAt'> {
  readonly stableAt: Date;
}

/** What is or was in use in an environment. */
export async function readPresent(database: Pool, environment: string): Promise<Present> {
  const completed = { environment, kind: 'fleet-rollout', phases: ['completed'], limit: 1 } as const;
  const [last] = await listRuns(database, completed);
  const rollout = last ? { run: last.run, subject: last.subject, completedAt: last.completedAt ?? '' } : null;
  return { releases: await readStableHistory(database, environment), rollout };
}

async function readStableHistory(database: Pool, environment: string): Promise<StableRelease[]> {
  const { rows } = await database.query<ReleaseRow>(
    `select application, release, version, state, stable_at as "stableAt", md5(digest || spec::text) as likeness,
       coalesce(spec->'dependsOn', '[]') as "dependsOn"
     from releases where environment = $1 and state in ('stable', 'retired') and stable_at is not null
     order by application, state = 'stable' desc, stable_at desc, release desc`,
    [environment],
  );
  return rows.map((row) => ({ ...row, stableAt: row.stableAt.toISOString() }));
}

/** The numbers of the releases that these runs have made. */
export async function releasesOfRuns(database: Pool, runs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<{ run: string; release: number }>(
    'select run_id as run, release from releases where run_id = any($1)',
    [runs],
  );
  return new Map(rows.map(({ run, release }) => [run, release]));
}

async function first(database: Connection | Pool, query: string, value: string): Promise<EmergencyRow | null> {
  const { rows } = await database.query<Row>(query, [value]);
  return rows[0] ? emergencyOf(rows[0]) : null;
}

const emergencyOf = (row: Row): EmergencyRow => ({
  ...row,
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
});
