import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { EngineDeps } from '../engine.ts';
import { loadPeople } from '../environments/load-people.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { describeRun, type RunPicture } from './describe-run.ts';
import { listEvents } from './follow-events.ts';
import { loadRunStatus, type RunStatus } from './run-status.ts';

export interface ShownRun {
  readonly status: RunStatus;
  readonly picture: RunPicture;
  readonly events: readonly JournalEntry[];
}

/** A run with its six answers, times told on the wall clock of `timeZone`. Throws RUN_NOT_FOUND. */
export async function showRun(deps: EngineDeps, run: string, timeZone: string): Promise<ShownRun> {
  const status = await loadRunStatus(deps, run);
  const { plan } = await loadPlan(deps, status.row.planId);
  const events = await listEvents(deps, status.row.run);
  const people = await loadPeople(deps);
  const clock = { now: new Date().toISOString(), timeZone };
  return { status, events, picture: describeRun({ status, plan, events, people, clock }) };
}
