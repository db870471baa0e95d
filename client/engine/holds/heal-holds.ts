import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { holdsOf } from '#domain/coordination/holds.ts';
import type { EngineDeps } from '../engine.ts';
import { readBooks } from '../environments/read-books.ts';
import { tellCoordinator } from './tell-coordinator.ts';

const ANSWER_WITHIN_MS = 5_000;

/** Tells a coordinator what a lost signal kept from it; costs one that knows nothing but a query. */
export async function healHolds(deps: EngineDeps, environment: string): Promise<void> {
  const { revision } = await readHolds(await deps.database(), environment);
  if (revision === 0) return;
  const books = await readBooks(await deps.temporal(), environment, ANSWER_WITHIN_MS);
  if (holdsOf(books).revision < revision) await tellCoordinator(deps, environment);
}
