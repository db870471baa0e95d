import type { StoppedRun } from '#domain/emergency/emergency.ts';
import { stoppedRun } from '#domain/emergency/stop-run.ts';
import { readEmergency, releasesOfRuns } from '../adapters/postgres/emergencies.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { readRunsOf, type RunRow } from '../adapters/postgres/runs.ts';

/**
 * The runs that have to stop: those that were open when the emergency began, the members of releases among them, which take
 * themselves back, and ordinary ones that are open besides. What a person takes back meanwhile is none of them, nor are the
 * emergency's own ways back.
 */
export async function runsOfEmergency(
  pool: Pool,
  { id, environment }: { readonly id: string; readonly environment: string },
): Promise<RunRow[]> {
  const runs = (await readEmergency(pool, id))?.openRuns ?? [];
  const listed = new Set<string>(runs);
  const isMemberOf = (release: string | null): boolean => release !== null && listed.has(release);
  const rows = await readRunsOf(pool, { environment, runs });
  return rows.filter(
    ({ run, partOf, place }) => listed.has(run) || isMemberOf(partOf) || place?.priority !== 'rollback',
  );
}

/** What became of them. */
export async function endsOf(pool: Pool, rows: readonly RunRow[]): Promise<StoppedRun[]> {
  const releases = await releasesOfRuns(
    pool,
    rows.map(({ run }) => run),
  );
  return rows.map((row) => stoppedRun(row, releases));
}
