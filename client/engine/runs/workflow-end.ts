import type { Client } from '@temporalio/client';
import { redactText } from '#domain/redaction.ts';
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
    const why = describeEnd(status.name, await lastEvent(client, workflowId));
    return { kind: 'closed', status: status.name, at: closeTime.toISOString(), why };
  } catch (error) {
    if (readCallFailure(error).kind === 'gone') return { kind: 'missing' };
    throw error;
  }
}

/** The parts of a history's last event that say why there is none after it. */
export interface LastEvent {
  readonly workflowExecutionTerminatedEventAttributes?: {
    readonly identity?: string | null;
    readonly reason?: string | null;
  } | null;
  readonly workflowExecutionFailedEventAttributes?: { readonly failure?: FailureChain | null } | null;
}

interface FailureChain {
  readonly message?: string | null;
  readonly cause?: FailureChain | null;
}

/**
 * How a workflow ended, in words: `terminated by ada@laptop: wrong plan`, `its workflow failed: …`.
 * @internal a rule with tests of its own
 */
export function describeEnd(status: string, event: LastEvent | undefined): string {
  const terminated = event?.workflowExecutionTerminatedEventAttributes;
  const failure = event?.workflowExecutionFailedEventAttributes?.failure;
  if (terminated) {
    return `terminated by ${terminated.identity || 'an unknown client'}${terminated.reason ? `: ${terminated.reason}` : ''}`;
  }
  if (failure) return redactText(`its workflow failed: ${[...new Set(messagesOf(failure))].join(': ')}`);
  if (status === 'TIMED_OUT') return 'its workflow ran out of time';
  return status.toLowerCase();
}

function messagesOf({ message, cause }: FailureChain): string[] {
  return [...(message ? [message] : []), ...(cause ? messagesOf(cause) : [])];
}

async function lastEvent(client: Client, workflowId: string): Promise<LastEvent | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  return history?.events?.[0];
}
