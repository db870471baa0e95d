// What open runs say of their places to a coordinator that makes up its books.
import { WorkflowNotFoundError, type Client, type WorkflowExecutionDescription } from '@temporalio/client';
import { PLACE_QUERY } from '#domain/coordination/coordinator-input.ts';
import type { RunPlaceView } from '#domain/coordination/place.ts';
import type { SurveyedClaim } from '#domain/ports/environment.port.ts';
import type { RunWithPlace } from '../adapters/postgres/run-places.ts';
import { willSpeak } from './will-speak.ts';

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
  if (described === null) return [];
  const isFirst = described.raw.workflowExecutionInfo?.firstRunId === described.runId;
  if (willSpeak({ ...described, isFirst }, openedAt)) return [];
  const said = await client.workflow.getHandle(workflowId).query<RunPlaceView>(PLACE_QUERY);
  const { standing, request, since, passesFreeze, pin } = said;
  const passing = passesFreeze === undefined ? {} : { passesFreeze };
  const claim = { ...place, ...passing, run, workflowId, request, since };
  return [{ claim, standing, ...(pin && { pin }) }];
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
