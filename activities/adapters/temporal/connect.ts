import {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  isGrpcServiceError,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { sluiceError } from '#domain/errors/failure.ts';
import { makeDataConverter } from './data-converter.ts';

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
// gRPC's numbers; its package is not ours to import.
const GRPC_NOT_FOUND: number = 5;
const GRPC_RESOURCE_EXHAUSTED: number = 8;
/** Longest pause between two tries at a server that is away: a run must not go on for seconds before it hears its command. */
const LONGEST_PAUSE_MS = 500;
const CHANNEL = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': LONGEST_PAUSE_MS,
};

/**
 * A client whose server answered and has the namespace; the caller closes `client.connection`.
 * Throws STACK_NOT_RUNNING when nothing answers within `timeoutMs`, TEMPORAL_NAMESPACE_MISSING.
 */
export async function connectTemporal(place: TemporalPlace, timeoutMs = CONNECT_TIMEOUT_MS): Promise<Client> {
  const connection = await openConnection(place.address, timeoutMs);
  try {
    await connection.workflowService.describeNamespace({ namespace: place.namespace });
  } catch (error) {
    await connection.close();
    throw namespaceError(error, place);
  }
  return new Client({ connection, namespace: place.namespace, dataConverter: makeDataConverter() });
}

const STANDARD_RETRY = defaultGrpcRetryOptions();

/** The client's own pauses, none of them long (its option for the longest has no effect); a server that asks to be spared is. */
const retryDelayMs: typeof STANDARD_RETRY.delayFunction = (attempt, status) => {
  const delayMs = STANDARD_RETRY.delayFunction(attempt, status);
  return Number(status.code) === GRPC_RESOURCE_EXHAUSTED ? delayMs : Math.min(delayMs, LONGEST_PAUSE_MS);
};

async function openConnection(address: string, timeoutMs: number): Promise<Connection> {
  try {
    return await Connection.connect({
      address,
      connectTimeout: timeoutMs,
      channelArgs: CHANNEL,
      interceptors: [makeGrpcRetryInterceptor({ ...STANDARD_RETRY, delayFunction: retryDelayMs })],
    });
  } catch (error) {
    throw notRunning(address, error);
  }
}

/** Errors of a missing namespace and of a missing server, told apart; used by the worker's connection too. */
export function namespaceError(error: unknown, { address, namespace }: TemporalPlace): Error {
  if (isGrpcServiceError(error) && Number(error.code) === GRPC_NOT_FOUND) {
    return sluiceError('TEMPORAL_NAMESPACE_MISSING', { namespace, address }, { cause: error });
  }
  return notRunning(address, error);
}

export const notRunning = (address: string, cause: unknown): Error =>
  sluiceError('STACK_NOT_RUNNING', { part: 'Temporal', address }, { cause });
