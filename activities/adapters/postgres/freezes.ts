/** Table `freezes`. Whoever writes has counted the change first (`changeHolds`). */
import type { Iso } from '#domain/time.ts';
import type { Connection, Pool } from './pool.ts';

export interface NewFreeze {
  readonly environment: string;
  readonly reason: string;
  readonly by: string;
  /** Null: until a person lifts it. */
  readonly until: Iso | null;
}

export async function insertFreeze(connection: Connection, freeze: NewFreeze): Promise<void> {
  const { environment, reason, by, until } = freeze;
  await connection.query('insert into freezes (environment, reason, frozen_by, until) values ($1, $2, $3, $4)', [
    environment,
    reason,
    by,
    until,
  ]);
}

export async function liftFreeze(
  connection: Connection,
  id: number,
  { by, reason }: { readonly by: string; readonly reason: string },
): Promise<void> {
  await connection.query(
    'update freezes set lifted_at = now(), lifted_by = $2, lift_reason = $3 where freeze_id = $1 and lifted_at is null',
    [id, by, reason],
  );
}

/** The database's time, by which a freeze is in force or over for everybody. */
export async function databaseTime(database: Connection | Pool): Promise<Iso> {
  const { rows } = await database.query<{ at: Date }>('select clock_timestamp() as at');
  return (rows[0]?.at ?? new Date()).toISOString();
}
