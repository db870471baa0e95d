// What open runs say of their places to a coordinator that makes up its books.
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { PLACE_QUERY } from '#domain/coordination/coordinator-input.ts';
import type { RunPlaceView } from '#domain/coordination/place.ts';
import type { SurveyedClaim } from '#domain/ports/environment.port.ts';
import type { RunWithPlace } from '../adapters/postgres/run-places.ts';

/** Start, workflow task scheduled, workflow task started: the first task is not done. */
const EVENTS_BEFORE_ITS_FIRST_WORD = 3;
/** How far the clocks of a cluster's servers may be apart. */
const CLOCKS_APART_MS = 10_000;

/**
 * The run's claim on a place of the coordinator that was opened at `openedAt` by the server's clock. None when the run is
 * over, or will ask for its place by itself: asking everybody would never end where many start, for a run answers when its
 * first task is done, and by then there are others. An error is "could not find out".
 */
export async function survey(
  client: Client,
  { run, workflowId, place }: RunWithPlace,
  openedAt: Date,
): Promise<SurveyedClaim[]> {
  const described = await describeOpen(client, workflowId);
  if (described === null || willSpeak(described, openedAt)) return [];
  const said = await client.workflow.getHandle(workflowId).query<RunPlaceView>(PLACE_QUERY);
  const { standing, request, since, passesFreeze, pin } = said;
  const passing = passesFreeze === undefined ? {} : { passesFreeze };
  const claim = { ...place, ...passing, run, workflowId, request, since };
  return [{ claim, standing, ...(pin && { pin }) }];
}

/** True for one whose first task is not done, and for one that began when the coordinator was there already. */
function willSpeak({ startTime, historyLength, runId, raw }: WorkflowExecutionDescription, openedAt: Date): boolean {
  // One that goes on in a new history spoke in its first one.
  if (raw.workflowExecutionInfo?.firstRunId !== runId) return false;
  return historyLength <= EVENTS_BEFORE_ITS_FIRST_WORD || startTime.getTime() > openedAt.getTime() + CLOCKS_APART_MS;
}

/** Null for a run that is closed, or that Temporal does not know. */
export async function describeOpen(client: Client, workflowId: string): Promise<WorkflowExecutionDescription | null> {
  try {
    const described = await client.workflow.getHandle(workflowId).describe();
    return described.closeTime === undefined ? described : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
