// How fast the coordinator of one environment lets runs in: short ones, queued behind five that hold all places and then end together.
import { coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { commandRun } from '../../../client/engine/runs/command-run.ts';
import { applyEnvironments, STARTER, startAll, type Shape } from './crowd.ts';
import { tenths } from './latency.ts';
import { parkedIn, until } from './parked.ts';

const PLACES = 5;

export interface Admissions {
  readonly admitted: number;
  readonly perSecond: number;
  /** All events of the coordinator's history, for each run that it let in. */
  readonly eventsPerAdmission: number;
  /** Runs that came before one that was started earlier. */
  readonly displaced: number;
}

export async function measureAdmissions(deps: EngineDeps, environment: string, runs: number): Promise<Admissions> {
  await applyEnvironments(deps, [environment]);
  const all = (shape: Shape, count: number) => Array.from({ length: count }, () => ({ environment, shape }));
  const { runs: holders } = await startAll(deps, all('bake', PLACES));
  const parked = () => parkedIn(deps, [environment]);
  await until(parked, ({ baking }) => baking === PLACES);
  const { runs: queued } = await startAll(deps, all('short', runs));
  await until(parked, (seen) => seen.queued === runs);
  await Promise.all(holders.map(({ run }) => commandRun(deps, 'rollBackRun', { run, person: STARTER })));
  const pool = await deps.database();
  const open = async (): Promise<number> =>
    (
      await pool.query<{ open: number }>(
        'select count(*)::int as open from runs where environment = $1 and not closed',
        [environment],
      )
    ).rows[0]?.open ?? 0;
  await until(open, (left) => left === 0);
  const line = await pool.query<{ run: string }>(
    `select run_id as run from runs where environment = $1 order by (place->>'ticket')::int`,
    [environment],
  );
  const isShort = new Set(queued.map(({ run }) => run));
  const { grants, events } = await grantsOf(deps, environment);
  const short = grants.filter(({ run }) => isShort.has(run));
  const seconds = ((short.at(-1)?.atMs ?? 0) - (short[0]?.atMs ?? 0)) / 1_000;
  const order = line.rows.map(({ run }) => run).filter((run) => isShort.has(run));
  return {
    admitted: short.length,
    perSecond: tenths((short.length - 1) / seconds),
    eventsPerAdmission: tenths(events / grants.length),
    displaced: short.filter(({ run }, at) => run !== order[at]).length,
  };
}

/** Whom the coordinator told of a place, and when; its history must not have been continued. */
async function grantsOf(deps: EngineDeps, environment: string) {
  const client = await deps.temporal();
  const { events } = await client.workflow.getHandle(coordinatorIdOf(environment)).fetchHistory();
  const grants = (events ?? []).flatMap((event) => {
    const granted = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    if (!granted) return [];
    const atMs = Number(event.eventTime?.seconds ?? 0) * 1_000 + (event.eventTime?.nanos ?? 0) / 1_000_000;
    return [{ run: granted.workflowExecution?.workflowId?.split('/')[1] ?? '', atMs }];
  });
  return { grants, events: events?.length ?? 0 };
}
