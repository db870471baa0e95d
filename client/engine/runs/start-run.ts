import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { sluiceError } from '#domain/errors/failure.ts';
import { waveLabel } from '#domain/fleet/waves.ts';
import { workflowIdOf, type RunId } from '#domain/ids.ts';
import type { RunPlan } from '#domain/plan/run-plan.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { FLEET_ROLLOUT_WORKFLOW, type RunSearchAttribute } from '#domain/search-attributes.ts';
import { mayHaveArrived, readCallFailure } from './temporal-errors.ts';

/** Well below the age at which a row without a workflow counts as never started: the two must not meet. */
const START_WITHIN_MS = 20_000;
const TRY_AGAIN_MS = 250;

export interface Server {
  readonly client: Client;
  /** As errors name it. */
  readonly address: string;
}

/**
 * Starts the run's workflow; started already by an earlier try is as good. `insertedAtMs` is `performance.now()` of the
 * moment before its row was written. Throws COMMAND_UNANSWERED when the server may have taken it; after any other error
 * it surely has not and never will.
 */
export async function startRun({ client, address }: Server, input: RunInput, insertedAtMs: number): Promise<void> {
  const leftMs = (): number => insertedAtMs + START_WITHIN_MS - performance.now();
  // One lost answer is enough: what a later try meets says nothing of that one.
  let isSent = false;
  for (;;) {
    try {
      // Also after a stop of this process (SIGSTOP, a laptop's lid): too late means that others may have the environment.
      if (leftMs() <= 0) throw tooLate(address);
      await client.connection.withDeadline(Date.now() + leftMs(), () => start(client, input));
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

async function start(client: Client, input: RunInput): Promise<void> {
  await client.workflow.start(FLEET_ROLLOUT_WORKFLOW, {
    workflowId: workflowIdOf(input.run as RunId),
    taskQueue: DEFAULT_QUEUES.orchestrator,
    args: [input],
    // A run's id is used once, even after it closed.
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'FAIL',
    workflowTaskTimeout: '5s',
    staticSummary: summarize(input.plan),
    staticDetails: details(input),
    typedSearchAttributes: searchAttributes(input.plan),
  });
}

/** `edge 1.2.0 → production, canary 10 % / 50 % / 100 %`. */
function summarize({ firmware, environment, strategy, waves }: RunPlan): string {
  const shape = waves.length <= 5 ? waves.map(waveLabel).join(' / ') : `${waves.length} waves`;
  return `${firmware.name} ${firmware.version} → ${environment.name}, ${strategy.kind} ${shape}`;
}

function details({ run, plan, digest, startedBy }: RunInput): string {
  return [
    `**${plan.name}** (${run})`,
    '',
    ...(plan.description === '' ? [] : [plan.description, '']),
    `- plan ${plan.planId} by ${plan.author}, digest \`${digest}\``,
    `- ${plan.selection.devices} devices, ${plan.selection.alreadyCurrent} of them already on ${plan.firmware.version}`,
    `- started by ${startedBy.by} (${startedBy.via}): ${startedBy.reason}`,
    `- in a terminal: \`sluice run show ${run}\``,
  ].join('\n');
}

function searchAttributes({ environment, kind, firmware }: RunPlan): SearchAttributePair[] {
  const keyword = (name: RunSearchAttribute, value: string): SearchAttributePair => ({
    key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD),
    value,
  });
  return [
    keyword('SluiceEnvironment', environment.name),
    keyword('SluiceKind', kind),
    keyword('SluicePhase', 'queued'),
    keyword('SluiceVerdict', 'open'),
    keyword('SluiceApplication', firmware.name),
  ];
}
