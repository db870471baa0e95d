/** What people reported about a version while its run was open: table `user_reports`. */
import type { Iso } from '#domain/time.ts';
import type { Connection, Pool } from './pool.ts';

export interface UserReport {
  readonly id: string;
  readonly run: string;
  readonly by: string;
  readonly summary: string;
  readonly at: Iso;
}

/** Stores a report; one of that id that is there already stays as it is. */
export async function insertUserReport(database: Connection | Pool, report: Omit<UserReport, 'at'>): Promise<void> {
  await database.query(
    `insert into user_reports (report_id, run_id, by_whom, summary) values ($1, $2, $3, $4)
     on conflict (report_id) do nothing`,
    [report.id, report.run, report.by, report.summary],
  );
}

/** The reports on a run, oldest first. */
export async function readUserReports(database: Connection | Pool, run: string): Promise<UserReport[]> {
  const { rows } = await database.query<Omit<UserReport, 'at'> & { at: Date }>(
    `select report_id as id, run_id as run, by_whom as by, summary, at
     from user_reports where run_id = $1 order by at, report_id`,
    [run],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
