import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { EMERGENCY_WORKFLOW, emergencyWorkflowId, type EmergencyInput } from '#domain/emergency/emergency.ts';
import { EMERGENCY_PRIORITY } from '#domain/queues.ts';

/** Starts the workflow of an emergency whose row is written; started already is as good. */
export async function startEmergency(client: Client, input: EmergencyInput): Promise<void> {
  const { id, environment, startedBy } = input;
  try {
    await client.workflow.start(EMERGENCY_WORKFLOW, {
      workflowId: emergencyWorkflowId(id),
      taskQueue: input.queue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      workflowTaskTimeout: '5s',
      priority: EMERGENCY_PRIORITY,
      staticSummary: `${environment} is taken back: ${startedBy.reason}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
