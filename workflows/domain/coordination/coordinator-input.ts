import type { RunQueues } from '../queues.ts';
import type { Books } from './place.ts';

/** The input of an environment's coordinator. Fields are only added. */
export interface CoordinatorInput {
  readonly schema: 1;
  readonly environment: string;
  readonly queues: Pick<RunQueues, 'data'>;
  /** Between two looks whether those who hold are still open, while somebody waits. */
  readonly lookEveryMs: number;
  /** After so many events it goes on in a new history. */
  readonly continueAfterEvents: number;
  /** Null: unknown. They are then made up from what the open runs say. */
  readonly books: Books | null;
}

/** The workflow type of coordinators. */
export const COORDINATOR_WORKFLOW = 'coordinateEnvironment';
/** Its query for the books; the query of a run for its own place. */
export const BOOKS_QUERY = 'coordinatorBooks';
export const PLACE_QUERY = 'runPlace';
/** Its signal for freezes and pins. */
export const HOLDS_SIGNAL = 'holdsChanged';
/** Its signals from an emergency. */
export const TAKE_HOLD_SIGNAL = 'takeHold';
export const END_HOLD_SIGNAL = 'endHold';
export const coordinatorIdOf = (environment: string): string => `environment/${environment}`;

const LOOK_EVERY_MS = 3_000;
const CONTINUE_AFTER_EVENTS = 4_000;

/** Of a coordinator that is started where none is open. */
export const freshCoordinator = (environment: string, queues: Pick<RunQueues, 'data'>): CoordinatorInput => ({
  schema: 1,
  environment,
  queues,
  lookEveryMs: LOOK_EVERY_MS,
  continueAfterEvents: CONTINUE_AFTER_EVENTS,
  books: null,
});
