import { listUnfinishedRuns } from '../../../activities/adapters/postgres/runs.ts';
import type { EngineDeps } from '../engine.ts';

/** Longer than Temporal keeps closed runs: of older ones nothing can be learnt any more. */
const LOOK_BACK_DAYS = 3;
/** So many are asked one by one, which is always true at once; of more the server's list of open workflows comes first. */
const ASKED_ONE_BY_ONE = 200;
const PAGE = 1_000;

/**
 * Runs without a final entry that may be over. The server's list lags behind by moments: one that has just ended may still
 * stand in it, and is found the next time; one that has just begun may be missing, and is asked.
 */
export async function suspectRuns(deps: EngineDeps): Promise<string[]> {
  const unfinished = await listUnfinishedRuns(await deps.database(), LOOK_BACK_DAYS);
  const open = unfinished.length > ASKED_ONE_BY_ONE ? await listedAsOpen(deps) : new Set<string>();
  return unfinished.filter(({ workflowId, closed }) => closed || !open.has(workflowId)).map(({ run }) => run);
}

async function listedAsOpen(deps: EngineDeps): Promise<Set<string>> {
  const client = await deps.temporal();
  const open = new Set<string>();
  const list = client.workflow.list({ query: "ExecutionStatus = 'Running'", pageSize: PAGE });
  for await (const { workflowId } of list) open.add(workflowId);
  return open;
}
