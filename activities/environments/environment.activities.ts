import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { runsOf } from '#domain/coordination/admission.ts';
import { BOOKS_QUERY, coordinatorIdOf, PLACE_QUERY } from '#domain/coordination/coordinator-input.ts';
import type { Books, RunPlaceView } from '#domain/coordination/place.ts';
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';
import { errorReport } from '#domain/errors/failure.ts';
import type { EnvironmentActivities, SurveyedClaim } from '#domain/ports/environment.port.ts';
import type { RunWithPlace } from '../adapters/postgres/run-places.ts';
import { openCoordinator } from '../adapters/temporal/open-coordinator.ts';
import { failureOf } from '../runtime/fail.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';

export interface EnvironmentDeps {
  /** Open runs of an environment that ask for their place. */
  readonly openRuns: (environment: string) => Promise<readonly RunWithPlace[]>;
  /** The emergency that an environment is in. */
  readonly hold: (environment: string) => Promise<EmergencyHold | null>;
  /** Connected at the first use. */
  readonly temporal: () => Promise<Client>;
}

/** Asked at once; more would only queue at the server. */
const ASKED_AT_ONCE = 20;

/** What coordinators and the runs that look for one ask of Temporal. */
export function createEnvironmentActivities(deps: EnvironmentDeps): EnvironmentActivities {
  const beating = <Input, Output>(work: (input: Input) => Promise<Output>) =>
    guarded((input: Input) => withHeartbeat(() => work(input), Context.current().info.startToCloseTimeoutMs));
  return {
    openCoordinator: beating(async (opening) => openCoordinator(await deps.temporal(), opening)),
    surveyPlaces: beating(async ({ environment }) => {
      const client = await deps.temporal();
      const runs = await deps.openRuns(environment);
      return (await inTurns(runs, (run) => survey(client, run))).flat();
    }),
    findHold: beating(({ environment }) => deps.hold(environment)),
    findClosedRuns: beating(async ({ environment, everyMs }) => {
      const client = await deps.temporal();
      const books = await client.workflow.getHandle(coordinatorIdOf(environment)).query<Books>(BOOKS_QUERY);
      const closed = await inTurns(runsOf(books), async ({ run, workflowId }) =>
        (await isOpen(client, workflowId)) ? [] : [run],
      );
      if (closed.flat().length > 0) return closed.flat();
      const { attempt: look } = Context.current().info;
      throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: everyMs });
    }),
  };
}

/** None for a run that has not begun, or is over. Any other error is "could not find out". */
async function survey(client: Client, { run, workflowId, place }: RunWithPlace): Promise<SurveyedClaim[]> {
  if (!(await isOpen(client, workflowId))) return [];
  const { standing, request, since } = await client.workflow.getHandle(workflowId).query<RunPlaceView>(PLACE_QUERY);
  return [{ claim: { ...place, run, workflowId, request, since }, standing }];
}

/** Whether the run is surely not closed: one that Temporal does not know is. */
async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).closeTime === undefined;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += ASKED_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + ASKED_AT_ONCE).map(work))));
  }
  return results;
}
