import type { Client } from '@temporalio/client';
import { BOOKS_QUERY, coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import { EMPTY_BOOKS, type Books } from '#domain/coordination/place.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { readCallFailure } from '../runs/temporal-errors.ts';

/** The books of the environment's coordinator; empty where there is none. Throws STACK_NOT_RUNNING when nobody answers in time. */
export async function readBooks(client: Client, environment: string, withinMs: number): Promise<Books> {
  const handle = client.workflow.getHandle(coordinatorIdOf(environment));
  try {
    return await client.connection.withDeadline(Date.now() + withinMs, () => handle.query<Books>(BOOKS_QUERY));
  } catch (error) {
    if (readCallFailure(error).kind === 'gone') return EMPTY_BOOKS;
    // No worker, or one that cannot replay the coordinator: the runs themselves are as they were.
    const place = { part: 'a worker for workflows', address: `task queue ${DEFAULT_QUEUES.orchestrator}` };
    const found = `no answer from ${coordinatorIdOf(environment)}`;
    throw sluiceError('STACK_NOT_RUNNING', place, {
      found,
      hint: 'sluice status   ·   start what is missing: npx sluice up',
      cause: error,
    });
  }
}
