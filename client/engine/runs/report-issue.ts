import { ulid } from 'ulid';
import {
  insertUserReport,
  readUserReports,
  type UserReport,
} from '../../../activities/adapters/postgres/user-reports.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { findRun } from './find-run.ts';

export interface ReportedIssue {
  readonly run: string;
  readonly id: string;
  /** All reports on the run by now, oldest first. */
  readonly reports: readonly UserReport[];
  /** So many take it back; null when reports do not. */
  readonly most: number | null;
}

/**
 * Records what somebody noticed of the version that a run brings; enough reports take it back, where its plan says so.
 * Throws RUN_NOT_FOUND, RUN_ALREADY_CLOSED, USAGE.
 */
export async function reportIssue(
  deps: EngineDeps,
  { run: text, summary, person }: { readonly run: string; readonly summary: string; readonly person: Person },
): Promise<ReportedIssue> {
  const said = plainText(summary, '--summary').trim();
  if (said === '') throw sluiceError('USAGE', { why: '--summary is empty' }, { where: '--summary' });
  const { run, closed, phase, view, subject } = await findRun(deps, text);
  if (closed) throw sluiceError('RUN_ALREADY_CLOSED', { run, phase });
  const id = `rep_${ulid()}`;
  const reports = await repeatableWrite(deps, async (pool) => {
    await insertUserReport(pool, { id, run, by: person.name, summary: said });
    return readUserReports(pool, run);
  });
  const most = view?.criteria.userReportedIssues;
  return { run, id, reports, most: subject.kind === 'firmware' || most === undefined ? null : Math.max(1, most) };
}
