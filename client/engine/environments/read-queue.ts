import { readOpenRunsOf } from '../../../activities/adapters/postgres/runs.ts';
import { runsOf } from '#domain/coordination/admission.ts';
import type { EngineDeps } from '../engine.ts';
import { holdsInForce, type HoldsInForce } from '../holds/holds-in-force.ts';
import { patientRead } from '../patient-read.ts';
import { askingRuns, type AskingRun } from './asking-runs.ts';
import { loadConfiguration } from './load-configuration.ts';
import { environmentNamed } from './load-environment.ts';
import { maximumAtOnce } from './maximum-at-once.ts';
import { queueOf, type QueueOfRuns } from './queue-of.ts';
import { readBooks } from './read-books.ts';

export interface EnvironmentQueue extends QueueOfRuns, HoldsInForce {
  readonly environment: string;
  /** How many may be under way at once; a change of the configuration counts from the next start on. */
  readonly maximum: number;
  /** Runs that wait for people, wherever they stand: before its first effect one has no place. */
  readonly asking: readonly AskingRun[];
}

/** A worker that runs answers in milliseconds; without one the server would wait for long. */
const ANSWER_WITHIN_MS = 5_000;

/** Who is under way in the environment, who rests, who waits and who asks people. Throws ENVIRONMENT_UNKNOWN, STACK_NOT_RUNNING. */
export async function readQueue(deps: EngineDeps, name: string): Promise<EnvironmentQueue> {
  const whole = await patientRead(deps, loadConfiguration);
  const environment = environmentNamed(whole, name);
  const books = await readBooks(await deps.temporal(), environment.name, ANSWER_WITHIN_MS);
  // After the books: a run has its row before it asks for a place.
  const rows = await patientRead(deps, (pool) => readOpenRunsOf(pool, environment.name));
  const holds = await patientRead(deps, (pool) => holdsInForce(pool, environment.name));
  const queue = queueOf(books, rows, new Date().toISOString());
  const told = runsOf(books).length === 0 ? null : books.limit;
  const maximum = told?.maximum ?? maximumAtOnce(whole, environment);
  return { environment: environment.name, maximum, ...holds, ...queue, asking: askingRuns(rows) };
}
