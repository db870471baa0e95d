import type { Tried } from '../../../activities/adapters/postgres/promotions.ts';
import { readOpenRuns } from '../../../activities/adapters/postgres/runs.ts';
import type { Environment } from '#domain/environments/environment.ts';
import { isTurningBack } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { patientRead } from '../patient-read.ts';
import { loadPlan } from '../plans/load-plan.ts';
import { closeRow, findEnding } from '../runs/close-row.ts';
import { deliveredBy } from './refuse-unpassed.ts';

/** A run that is not over. */
export interface OpenRun {
  readonly run: string;
  readonly phase: string;
}

/**
 * The open run that brings these bytes into an environment, or null. One whose starter died before it began is put away once
 * it is sure that it never will.
 */
export async function findOpenRun(
  deps: EngineDeps,
  { name, target }: Environment,
  source: Tried,
): Promise<OpenRun | null> {
  const place = { environment: name, lock: target === 'docker' ? source.subject : '' };
  const open = await patientRead(deps, (pool) => readOpenRuns(pool, place));
  for (const row of open) {
    if (isTurningBack(row.view)) continue;
    const { plan } = await loadPlan(deps, row.planId);
    if (plan.kind === 'joint-release') continue;
    const { subject, digest } = deliveredBy(plan);
    if (subject !== source.subject || digest !== source.digest) continue;
    const ending = await findEnding(deps, row);
    if (ending === null) return { run: row.run, phase: row.phase };
    await closeRow(deps, row.run, { ending, view: row.view });
  }
  return null;
}
