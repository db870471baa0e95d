import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { awaitedRuns } from '#domain/coordination/admission.ts';
import { BOOKS_QUERY, coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { holdsOf, type Holds } from '#domain/coordination/holds.ts';
import type { Books } from '#domain/coordination/place.ts';
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';
import { errorReport } from '#domain/errors/failure.ts';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import type { RunWithPlace } from '../adapters/postgres/run-places.ts';
import { openCoordinator } from '../adapters/temporal/open-coordinator.ts';
import { failureOf } from '../runtime/fail.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { describeOpen, survey } from './survey.ts';

export interface EnvironmentDeps {
  /** Open runs of an environment that ask for their place. */
  readonly openRuns: (environment: string) => Promise<readonly RunWithPlace[]>;
  /** Freezes and pins of an environment, as they are written now. */
  readonly holds: (environment: string) => Promise<Holds>;
  /** The emergency that an environment is in. */
  readonly emergency: (environment: string) => Promise<EmergencyHold | null>;
  /** Connected at the first use. */
  readonly temporal: () => Promise<Client>;
}

/** Asked at once; more would only queue at the server. */
const ASKED_AT_ONCE = 20;

/** What coordinators and the runs that look for one ask of Temporal. */
export function createEnvironmentActivities(deps: EnvironmentDeps): EnvironmentActivities {
  const beating = <Input, Output>(work: (input: Input) => Promise<Output>) =>
    guarded((input: Input) => withHeartbeat(() => work(input), Context.current().info.startToCloseTimeoutMs));
  // A run asked while its only worker goes answers nobody: that worker must not wait for itself.
  const asking = <Input, Output>(work: (client: Client, input: Input) => Promise<Output>) =>
    beating(async (input: Input) => {
      const client = await deps.temporal();
      return client.withAbortSignal(Context.current().cancellationSignal, () => work(client, input));
    });
  return {
    openCoordinator: asking(openCoordinator),
    surveyPlaces: asking(async (client, { environment, withHolds }) => {
      const openedAt = (await client.workflow.getHandle(coordinatorIdOf(environment)).describe()).startTime;
      const runs = await deps.openRuns(environment);
      const claims = (await inTurns(runs, (run) => survey(client, run, openedAt))).flat();
      // Read last: a run that was over when it was asked had written its pin before.
      return withHolds === true ? { claims, holds: await deps.holds(environment) } : claims;
    }),
    findHold: beating(({ environment }) => deps.emergency(environment)),
    findClosedRuns: asking(async (client, { environment, everyMs, withHolds }) => {
      const books = await client.workflow.getHandle(coordinatorIdOf(environment)).query<Books>(BOOKS_QUERY);
      const closed = await inTurns(awaitedRuns(books), async ({ run, workflowId }) =>
        (await isOpen(client, workflowId)) ? [] : [run],
      );
      if (withHolds === true) {
        const holds = await deps.holds(environment);
        const isNewer = holds.revision > holdsOf(books).revision;
        if (isNewer || closed.flat().length > 0) return { closed: closed.flat(), holds: isNewer ? holds : null };
      } else if (closed.flat().length > 0) return closed.flat();
      const { attempt: look } = Context.current().info;
      throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: everyMs });
    }),
  };
}

/** Whether the run is surely not closed: one that Temporal does not know is. */
async function isOpen(client: Client, workflowId: string): Promise<boolean> {
  return (await describeOpen(client, workflowId)) !== null;
}

async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += ASKED_AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + ASKED_AT_ONCE).map(work))));
  }
  return results;
}
