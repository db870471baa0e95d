import type { Client } from '@temporalio/client';
import type { Iso } from '#domain/time.ts';
import { readCallFailure } from './temporal-errors.ts';

/** What Temporal knows of a run's workflow. Any other answer than these is "could not find out" and thrown. */
export type WorkflowEnd =
  | { readonly kind: 'open' }
  /** Never started, or past its retention. */
  | { readonly kind: 'missing' }
  /** `why` says how it ended: `terminated by ada@laptop: wrong plan`. */
  | { readonly kind: 'closed'; readonly status: string; readonly at: Iso; readonly why: string };

/** Whether the workflow is surely over, and how. Throws when the server cannot tell. */
export async function readWorkflowEnd(client: Client, workflowId: string): Promise<WorkflowEnd> {
  try {
    const { status, closeTime } = await client.workflow.getHandle(workflowId).describe();
    if (!closeTime) return { kind: 'open' };
    const why = status.name === 'TERMINATED' ? await terminatedBy(client, workflowId) : status.name.toLowerCase();
    return { kind: 'closed', status: status.name, at: closeTime.toISOString(), why };
  } catch (error) {
    if (readCallFailure(error).kind === 'gone') return { kind: 'missing' };
    throw error;
  }
}

/** Only the last event of the history says who terminated, and why. */
async function terminatedBy(client: Client, workflowId: string): Promise<string> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const end = history?.events?.[0]?.workflowExecutionTerminatedEventAttributes;
  return `terminated by ${end?.identity || 'an unknown client'}${end?.reason ? `: ${end.reason}` : ''}`;
}
