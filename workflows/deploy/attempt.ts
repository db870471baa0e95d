import { ActivityFailure } from '@temporalio/workflow';
import { reasonOf } from '../runtime/failure-reason.ts';

type Attempt<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'failed'; readonly why: string };

/** What an activity came to, its failure as a value; any other error is a bug and fails the workflow task. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { kind: 'done', value: await work() };
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { kind: 'failed', why: reasonOf(error) };
  }
}
