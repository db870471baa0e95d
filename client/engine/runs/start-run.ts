import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { sluiceError } from '#domain/errors/failure.ts';
import { workflowIdOf, type RunId } from '#domain/ids.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import { DEFAULT_QUEUES, EMERGENCY_PRIORITY } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { searchValues } from '#domain/run/search-values.ts';
import {
  DEPLOY_APPLICATION_WORKFLOW,
  FLEET_ROLLOUT_WORKFLOW,
  JOINT_RELEASE_WORKFLOW,
} from '#domain/search-attributes.ts';
import { startDetails, startSummary } from './start-summary.ts';
import { mayHaveArrived, readCallFailure } from './temporal-errors.ts';

/** Well below the age at which a row without a workflow counts as never started: the two must not meet. */
const START_WITHIN_MS = 20_000;
const TRY_AGAIN_MS = 250;

/** The workflow that takes the steps of each kind of plan. */
const WORKFLOW_TYPES: Readonly<Record<Plan['kind'], string>> = {
  'fleet-rollout': FLEET_ROLLOUT_WORKFLOW,
  'container-release': DEPLOY_APPLICATION_WORKFLOW,
  'joint-release': JOINT_RELEASE_WORKFLOW,
};

/** Where a run's workflow goes when it is not the usual queue: a queue of its own, before ordinary work. */
export interface StartPlace {
  /** `performance.now()` of a moment before its row was written. */
  readonly insertedAtMs: number;
  readonly queue: string | undefined;
}

export interface Server {
  readonly client: Client;
  /** As errors name it. */
  readonly address: string;
}

/**
 * Starts the run's workflow; started already by an earlier try is as good. Throws COMMAND_UNANSWERED when the server may have taken it; after any other error
 * it surely has not and never will.
 */
export async function startRun(
  { client, address }: Server,
  input: RunInput,
  { insertedAtMs, queue }: StartPlace,
): Promise<void> {
  const leftMs = (): number => insertedAtMs + START_WITHIN_MS - performance.now();
  // One lost answer is enough: what a later try meets says nothing of that one.
  let isSent = false;
  for (;;) {
    try {
      // Also after a stop of this process (SIGSTOP, a laptop's lid): too late means that others may have the environment.
      if (leftMs() <= 0) throw tooLate(address);
      await client.connection.withDeadline(Date.now() + leftMs(), () => start(client, input, queue));
      return;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return;
      isSent ||= mayHaveArrived(error);
      const isOver = readCallFailure(error).kind !== 'unreachable' || leftMs() < TRY_AGAIN_MS;
      if (isOver && isSent) throw unanswered(input, error);
      if (isOver) throw error;
      await delay(TRY_AGAIN_MS);
    }
  }
}

const tooLate = (address: string): Error =>
  sluiceError(
    'STACK_NOT_RUNNING',
    { part: 'the stack', address },
    { found: `no start within ${START_WITHIN_MS / 1000} s`, hint: 'execute the plan again' },
  );

const unanswered = ({ run }: RunInput, cause: unknown): Error =>
  sluiceError('COMMAND_UNANSWERED', { command: 'the start', run }, { cause });

async function start(client: Client, input: RunInput, queue: string | undefined): Promise<void> {
  const { kind } = input.plan;
  await client.workflow.start(WORKFLOW_TYPES[kind], {
    workflowId: workflowIdOf(input.run as RunId, kind),
    taskQueue: queue ?? DEFAULT_QUEUES.orchestrator,
    ...(queue !== undefined && { priority: EMERGENCY_PRIORITY }),
    args: [input],
    // A run's id is used once, even after it closed.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    workflowTaskTimeout: '5s',
    staticSummary: startSummary(input.plan),
    staticDetails: startDetails(input),
    typedSearchAttributes: searchAttributes(input.plan),
  });
}

function searchAttributes(plan: RunPlan): SearchAttributePair[] {
  return searchValues(plan, 'queued').map(([name, value]) => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  }));
}
