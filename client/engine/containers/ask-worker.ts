import { ActivityExecutionFailedError, type ActivityOptions, type Client } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure, TimeoutType } from '@temporalio/common';
import { ulid } from 'ulid';
import { isCode } from '#domain/errors/catalogue.ts';
import { SluiceError, sluiceError, type ErrorReport } from '#domain/errors/failure.ts';
import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { readCallFailure } from '../runs/temporal-errors.ts';

type Operation = keyof ContainerOperations;
type Answer<Name extends Operation> = Awaited<ReturnType<ContainerOperations[Name]>>;

/** A worker takes an operation in milliseconds; one that is being restarted in some seconds. */
const TAKEN_WITHIN_MS = 15_000;

/** How long the work itself may take: engines on other machines, and registries far away. */
const ANSWER_WITHIN_MS: Readonly<Record<Operation, number>> = {
  resolveImage: 60_000,
  observeEnvironment: 60_000,
  readLogs: 30_000,
  validateEnvironment: 120_000,
};

/**
 * Container operations, carried out by the worker that holds the engines' credentials, each as an activity of its own.
 * They throw what the worker threw, and STACK_NOT_RUNNING when Temporal or no such worker answers.
 */
export function askWorker(
  connect: () => Promise<Client>,
  address: string,
  takenWithinMs = TAKEN_WITHIN_MS,
): ContainerOperations {
  const ask = async <Name extends Operation>(
    name: Name,
    ...args: Parameters<ContainerOperations[Name]>
  ): Promise<Answer<Name>> => {
    const { activity } = await connect();
    try {
      return await activity.execute<Answer<Name>>(name, optionsOf(name, { args, takenWithinMs }));
    } catch (error) {
      throw meaningOf(error, address);
    }
  };
  return {
    resolveImage: (input) => ask('resolveImage', input),
    observeEnvironment: (input) => ask('observeEnvironment', input),
    readLogs: (input) => ask('readLogs', input),
    validateEnvironment: (input) => ask('validateEnvironment', input),
  };
}

interface Question {
  readonly args: readonly unknown[];
  readonly takenWithinMs: number;
}

const optionsOf = (name: Operation, { args, takenWithinMs }: Question): ActivityOptions => ({
  id: `ask/${name}/${ulid()}`,
  taskQueue: DEFAULT_QUEUES.docker,
  args,
  scheduleToStartTimeout: takenWithinMs,
  startToCloseTimeout: ANSWER_WITHIN_MS[name],
  scheduleToCloseTimeout: takenWithinMs + ANSWER_WITHIN_MS[name],
  // Somebody waits for the answer: what passes by itself is tried once more, no longer.
  retry: { maximumAttempts: 2, initialInterval: 500 },
  summary: `asked by a command: ${name}`,
});

/** What the failure of an operation means to a person. */
function meaningOf(error: unknown, address: string): unknown {
  if (error instanceof ActivityExecutionFailedError) return causeOf(error.cause, error);
  if (readCallFailure(error).kind !== 'unreachable') return error;
  return sluiceError('STACK_NOT_RUNNING', { part: 'Temporal', address }, { cause: error });
}

function causeOf(cause: unknown, error: Error): unknown {
  if (cause instanceof TimeoutFailure && cause.timeoutType === TimeoutType.SCHEDULE_TO_START) {
    const part = { part: 'a worker for containers', address: `task queue ${DEFAULT_QUEUES.docker}` };
    return sluiceError('STACK_NOT_RUNNING', part, { found: 'nobody took the question', cause });
  }
  if (!(cause instanceof ApplicationFailure)) return error;
  const report = cause.details?.[0] as ErrorReport | undefined;
  const isKnown = report !== undefined && isCode(report.code) && report.code === cause.type;
  return isKnown ? new SluiceError(report, cause) : sluiceError('INTERNAL', { why: cause.message }, { cause });
}
