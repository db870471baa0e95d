import { readOpenRunsOf, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { policyChanged } from '../../../workflows/runtime/run.messages.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { patientRead } from '../patient-read.ts';

/**
 * Tells open runs that were started before their environment had rules that it has some now: they ask them from their next step
 * on. The result is a note for each that could not be told; applied again, the same file tells those that do not ask yet.
 */
export async function tellOpenRuns(deps: EngineDeps, names: readonly string[]): Promise<string[]> {
  const untold = await patientRead(deps, async (pool) => {
    const { environments } = await loadConfiguration(pool);
    const ruled = environments.filter(({ name, policyRules }) => names.includes(name) && policyRules.length > 0);
    const open: RunRow[] = [];
    for (const { name } of ruled) open.push(...(await readOpenRunsOf(pool, name)));
    return open.filter(mustBeTold);
  });
  const notes: string[] = [];
  for (const row of untold) notes.push(...(await tell(deps, row)));
  return notes;
}

/** A way back asks no rules, and a run that asks learns of new ones by itself. */
const mustBeTold = ({ view, place }: RunRow): boolean => view?.asksPolicy !== true && place?.priority !== 'rollback';

async function tell(deps: EngineDeps, { run, workflowId, environment }: RunRow): Promise<string[]> {
  try {
    await (await deps.temporal()).workflow.getHandle(workflowId).signal(policyChanged);
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      `environment ${environment}: run ${run} could not be told of the policy rules (${why}); apply the file again`,
    ];
  }
}
