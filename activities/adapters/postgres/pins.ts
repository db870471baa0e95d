/** Table `pins`. */
import type { Pin } from '#domain/coordination/holds.ts';
import { pinsTold } from '#domain/journal/pins-told.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import { changeHolds } from './holds.ts';
import type { Connection } from './pool.ts';

/**
 * Writes what the run's last entries pin, in the transaction of these entries: once for each run, however often they come. A
 * pin of the same subject is moved.
 */
export async function recordPins(
  connection: Connection,
  environment: string,
  entries: readonly JournalEntry[],
): Promise<void> {
  for (const pin of pinsTold(entries)) await recordPin(connection, environment, pin);
}

async function recordPin(connection: Connection, environment: string, pin: Pin): Promise<void> {
  // Counted first: of two that pin one subject the later one waits here.
  await changeHolds(connection, environment);
  if (await isKnown(connection, pin)) return;
  await connection.query(
    `update pins set ended_at = now(), ended_by = $3, end_reason = $4, ended_as = 'moved'
     where environment = $1 and subject = $2 and ended_at is null`,
    [environment, pin.subject, pin.by, pin.reason],
  );
  await insertPin(connection, environment, { ...pin, versions: await versionsOf(connection, pin) });
}

async function isKnown(connection: Connection, { run }: Pin): Promise<boolean> {
  const { rowCount } = await connection.query('select from pins where run_id = $1', [run]);
  return rowCount !== null && rowCount > 0;
}

/** Devices went back each to its own. */
async function versionsOf(connection: Connection, { run, versions }: Pin): Promise<readonly string[]> {
  if (versions.length > 0) return versions;
  const { rows } = await connection.query<{ version: string }>(
    `select distinct version from rollback_targets where run_id = $1 and state <> 'superseded' order by version`,
    [run],
  );
  return rows.map(({ version }) => version);
}

export async function insertPin(connection: Connection, environment: string, pin: Pin): Promise<void> {
  const { subject, versions, reason, by, since, run } = pin;
  await connection.query(
    `insert into pins (environment, subject, versions, reason, pinned_by, pinned_at, run_id)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [environment, subject, versions, reason, by, since, run],
  );
}

export interface Unpinning {
  readonly environment: string;
  readonly subject: string;
  readonly by: string;
  readonly reason: string;
}

export async function endPin(connection: Connection, { environment, subject, by, reason }: Unpinning): Promise<void> {
  await connection.query(
    `update pins set ended_at = now(), ended_by = $3, end_reason = $4, ended_as = 'unpinned'
     where environment = $1 and subject = $2 and ended_at is null`,
    [environment, subject, by, reason],
  );
}
