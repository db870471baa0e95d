import type { EngineDeps } from '../engine.ts';
import type { ComparedRun } from './diff-results.ts';
import { diffRuns, type RunDiff } from './diff-runs.ts';
import { findRun } from './find-run.ts';
import { listRunEvidence } from './run-devices.ts';
import { loadRunFacts } from './run-facts.ts';

/** Two runs of any kind side by side, as both are now. Throws RUN_NOT_FOUND. */
export async function compareRuns(deps: EngineDeps, first: string, second: string): Promise<RunDiff> {
  const [{ run }, { run: other }] = [await findRun(deps, first), await findRun(deps, second)];
  const a = await load(deps, run);
  // A run that goes on between two looks would differ from itself.
  const b = run === other ? a : await load(deps, other);
  return diffRuns(a, b, new Date().toISOString());
}

async function load(deps: EngineDeps, run: string): Promise<ComparedRun> {
  const { status, plan, events } = await loadRunFacts(deps, run);
  return { status, plan, events, evidence: (await listRunEvidence(deps, run)).evidence };
}
