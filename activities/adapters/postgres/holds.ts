/** Freezes and pins of environments: tables `environment_holds`, `freezes` and `pins`. */
import type { Holds } from '#domain/coordination/holds.ts';
import type { Connection, Pool } from './pool.ts';

/** An instant in JSON as everybody writes it. */
export const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** More runs than can have told a pin that nobody has read yet. */
const RECORDED = 200;

/** Everything that is in force in the environment, of one moment: one statement sees one state of the database. */
export async function readHolds(database: Connection | Pool, environment: string): Promise<Holds> {
  const { rows } = await database.query<Holds>(
    `select coalesce((select revision from environment_holds where environment = $1), 0) as revision,
       (select jsonb_build_object('id', freeze_id, 'reason', reason, 'by', frozen_by, 'since', ${iso('frozen_at')},
            'until', ${iso('until')})
          from freezes where environment = $1 and lifted_at is null order by freeze_id desc limit 1) as freeze,
       coalesce((select jsonb_agg(jsonb_build_object('subject', subject, 'versions', versions, 'by', pinned_by,
            'reason', reason, 'since', ${iso('pinned_at')}, 'run', run_id) order by subject)
          from pins where environment = $1 and ended_at is null), '[]') as pins,
       coalesce((select jsonb_agg(jsonb_build_object('subject', subject, 'run', run_id) order by pin_id desc)
          from (select pin_id, subject, run_id from pins where environment = $1 and run_id is not null
                order by pin_id desc limit $2) as latest), '[]') as recorded`,
    [environment, RECORDED],
  );
  const [holds] = rows;
  if (!holds) throw new Error('a select without a table has one row');
  return holds;
}

/** Counts one more change; others of the same environment come after this transaction. */
export async function changeHolds(connection: Connection, environment: string): Promise<void> {
  await connection.query(
    `insert into environment_holds (environment, revision) values ($1, 1)
     on conflict (environment) do update set revision = environment_holds.revision + 1`,
    [environment],
  );
}
