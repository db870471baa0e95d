import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import {
  BOOKS_QUERY,
  COORDINATOR_WORKFLOW,
  coordinatorIdOf,
  END_HOLD_SIGNAL,
  freshCoordinator,
  TAKE_HOLD_SIGNAL,
} from '#domain/coordination/coordinator-input.ts';
import type { Books } from '#domain/coordination/place.ts';
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';
import { EMERGENCY_PRIORITY, type RunQueues } from '#domain/queues.ts';

/** Where coordinators run. */
export type CoordinatorQueues = Pick<RunQueues, 'data'> & { readonly orchestrator: string };

/** Makes the environment's coordinator let nobody begin but ways back; one that is not there is started. Repeated freely. */
export async function holdCoordinator(
  client: Client,
  queues: CoordinatorQueues,
  { environment, hold }: { readonly environment: string; readonly hold: EmergencyHold },
): Promise<void> {
  const { orchestrator: taskQueue, data } = queues;
  await client.workflow.signalWithStart(COORDINATOR_WORKFLOW, {
    workflowId: coordinatorIdOf(environment),
    taskQueue,
    args: [freshCoordinator(environment, { data })],
    signal: TAKE_HOLD_SIGNAL,
    signalArgs: [hold],
    workflowTaskTimeout: '5s',
    priority: EMERGENCY_PRIORITY,
    staticSummary: `queue of ${environment}`,
  });
}

/** The coordinator lets everybody begin again, unless another emergency has begun. One that is not there lets them anyway. */
export async function releaseCoordinator(client: Client, environment: string, id: string): Promise<void> {
  try {
    await client.workflow.getHandle(coordinatorIdOf(environment)).signal(END_HOLD_SIGNAL, { id });
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** The coordinator's books once it is in that emergency; null when they could not be read in time, or it is not. */
export async function heldBooks(
  client: Client,
  { environment, id }: { readonly environment: string; readonly id: string },
  withinMs: number,
): Promise<Books | null> {
  const handle = client.workflow.getHandle(coordinatorIdOf(environment));
  try {
    const books = await client.connection.withDeadline(Date.now() + withinMs, () => handle.query<Books>(BOOKS_QUERY));
    return books.emergency?.id === id ? books : null;
  } catch {
    return null;
  }
}
