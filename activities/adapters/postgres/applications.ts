/** Applications as they were applied: table `applications`. */
import type { Connection, Pool } from './pool.ts';

/** Applications as they were written, by name, secrets replaced by references. */
export type StoredApplications = Readonly<Record<string, unknown>>;

/** Two files applied at once are applied one after the other; held until the transaction ends. */
export async function lockApplications(connection: Connection): Promise<void> {
  await connection.query(`select pg_advisory_xact_lock(hashtext('sluice.applications'))`);
}

/** All applications in order of their names. */
export async function readApplications(database: Connection | Pool): Promise<StoredApplications> {
  const { rows } = await database.query<{ name: string; spec: unknown }>(
    'select name, spec from applications order by name',
  );
  return Object.fromEntries(rows.map(({ name, spec }) => [name, spec]));
}

export async function writeApplication(
  connection: Connection,
  name: string,
  { spec, by }: { readonly spec: unknown; readonly by: string },
): Promise<void> {
  await connection.query(
    `insert into applications (name, spec, applied_by) values ($1, $2, $3)
     on conflict (name) do update set spec = excluded.spec, applied_by = excluded.applied_by, applied_at = now()`,
    [name, JSON.stringify(spec), by],
  );
}
