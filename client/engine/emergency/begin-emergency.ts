import { ulid } from 'ulid';
import {
  insertEmergency,
  openEmergency,
  readEmergency,
  type EmergencyRow,
} from '../../../activities/adapters/postgres/emergencies.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import { lockStarts } from '../../../activities/adapters/postgres/run-places.ts';
import type { EmergencyInput } from '#domain/emergency/emergency.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import type { Iso } from '#domain/time.ts';
import type { EngineDeps, Person } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { repeatableWrite } from '../environments/repeatable-write.ts';
import { plainText } from '../plain-text.ts';
import { momentBefore } from './moment-before.ts';
import { startEmergency } from './start-emergency.ts';

/** A run that is well stops within a second. */
const PATIENCE_MS = 15_000;

export interface EmergencyWish {
  readonly environment: string;
  readonly reason: string;
  /** A moment as a person wrote it; undefined: each application's release before. */
  readonly to: string | undefined;
  readonly person: Person;
}

export interface BegunEmergency {
  readonly emergency: EmergencyRow;
  /** It was open already: nothing was begun. */
  readonly isOpenAlready: boolean;
}

/** A wish that can be fulfilled; throws what speaks against it. */
export function checkedWish({ reason, to }: EmergencyWish, now: Iso): Iso | null {
  if (reason.trim() === '') throw sluiceError('REASON_REQUIRED', { command: 'the rollback of an environment' });
  plainText(reason, '--reason');
  return to === undefined ? null : momentBefore(to, now);
}

/**
 * Takes a whole environment back. From its row on nothing ordinary is started there, and whatever dies, it goes on; where one
 * is open already, that is the answer. Throws REASON_REQUIRED, USAGE, ENVIRONMENT_UNKNOWN, STACK_NOT_RUNNING when nothing was
 * begun, COMMAND_UNANSWERED when it begins as soon as Temporal is back.
 */
export async function beginEmergency(deps: EngineDeps, wish: EmergencyWish): Promise<BegunEmergency> {
  const now = new Date().toISOString();
  const to = checkedWish(wish, now);
  const { name: environment, rollbackTimeoutMs } = await loadEnvironment(deps, wish.environment);
  // Before its row is written, so that a missing server leaves nothing behind.
  const client = await deps.temporal();
  const { name: by, verified } = wish.person;
  const input: EmergencyInput = {
    schema: 1,
    id: `emg_${ulid()}`,
    environment,
    to,
    startedBy: { by, via: 'cli', verified, reason: wish.reason },
    queue: DEFAULT_QUEUES.emergency,
    patienceMs: PATIENCE_MS,
    giveUpAfterMs: Math.max(rollbackTimeoutMs, PATIENCE_MS),
  };
  const emergency = await repeatableWrite(deps, (pool) =>
    inTransaction(pool, (connection) => writeOnce(connection, input)),
  );
  try {
    await startEmergency(client, emergency.input);
  } catch (cause) {
    throw sluiceError('COMMAND_UNANSWERED', { command: 'the start', run: emergency.id }, { cause });
  }
  return { emergency, isOpenAlready: emergency.id !== input.id };
}

async function writeOnce(connection: Connection, input: EmergencyInput): Promise<EmergencyRow> {
  await lockStarts(connection, input.environment);
  const open = await openEmergency(connection, input.environment);
  if (open) return open;
  await insertEmergency(connection, input);
  const written = await readEmergency(connection, input.id);
  if (!written) throw new Error(`the row of ${input.id} is not there after it was written`);
  return written;
}
