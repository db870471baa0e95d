import type { Client } from '@temporalio/client';
import { COORDINATOR_WORKFLOW, coordinatorIdOf, freshCoordinator } from '#domain/coordination/coordinator-input.ts';
import { EMERGENCY_PRIORITY } from '#domain/queues.ts';
import type { OpenCoordinatorInput } from '#domain/ports/environment.port.ts';

/** Starts the environment's coordinator where none is open; harmless where one is. */
export async function openCoordinator(
  client: Client,
  { environment, queues, taskQueue }: OpenCoordinatorInput,
): Promise<void> {
  await client.workflow.start(COORDINATOR_WORKFLOW, {
    workflowId: coordinatorIdOf(environment),
    taskQueue,
    args: [freshCoordinator(environment, queues)],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowTaskTimeout: '5s',
    // Ways back ask it for their place, too: it must not stand behind ordinary work.
    priority: EMERGENCY_PRIORITY,
    staticSummary: `queue of ${environment}`,
  });
}
