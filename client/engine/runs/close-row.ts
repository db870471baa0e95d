import { freezeOffers } from '../../../activities/adapters/postgres/offers.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { announceRun } from '../../../activities/adapters/postgres/run-journal.ts';
import { ageOfRunMs, closeRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { isClosed } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { EngineDeps } from '../engine.ts';
import { finalState, type Ending } from './final-entry.ts';
import { readWorkflowEnd } from './workflow-end.ts';

/** A start is given up after 20 s (`start-run.ts`), so a row of this age without a workflow will never have one. */
const NEVER_STARTED_AFTER_MS = 30_000;

/** How the run's workflow ended, or null while it is open or may still start. Throws when Temporal cannot tell. */
export async function findEnding(deps: EngineDeps, row: RunRow): Promise<Ending | null> {
  const fate = await findFate(deps, row);
  return fate.kind === 'over' ? fate.ending : null;
}

/** `starting`: its workflow is not there yet, and may never be. */
type Fate = { readonly kind: 'open' | 'starting' } | { readonly kind: 'over'; readonly ending: Ending };

/** The same, but tells a workflow that is open from one that is not there yet. */
export async function findFate(deps: EngineDeps, row: RunRow): Promise<Fate> {
  const end = await readWorkflowEnd(await deps.temporal(), row.workflowId);
  if (end.kind === 'open') return { kind: 'open' };
  if (end.kind === 'closed') return { kind: 'over', ending: end };
  if (row.view !== null) return missing('its workflow is gone from Temporal');
  const isOld = (await ageOfRunMs(await deps.database(), row.run)) >= NEVER_STARTED_AFTER_MS;
  return isOld ? missing('never started') : { kind: 'starting' };
}

const missing = (why: string): Fate => ({
  kind: 'over',
  ending: { status: 'MISSING', at: new Date().toISOString(), why },
});

/** Closes the row of a run that is surely over, so that its environment is free. `view` is the last it said of itself. */
export async function closeRow(
  deps: EngineDeps,
  run: RunRow['run'],
  { ending, view }: { ending: Ending; view: RunView | null },
): Promise<void> {
  const { phase } = finalState(view?.state ?? null, ending);
  await inTransaction(await deps.database(), async (connection) => {
    await closeRun(connection, run, { phase, at: ending.at, view: view && closedView(view, ending) });
    // Cut short, a run leaves its jobs open, and nobody watches its criteria any more.
    if (!view || !isClosed(view.state.phase)) await freezeOffers(connection, run);
    await announceRun(connection, run);
  });
}

/** `view` in the closed state that follows from `ending`. */
export const closedView = (view: RunView, ending: Ending): RunView => ({
  ...view,
  state: finalState(view.state, ending),
  waiting: null,
});
