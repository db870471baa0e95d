import type { Connection, Pool } from './pool.ts';

/** Environments as they were written, by name. */
export type StoredEnvironments = Readonly<Record<string, unknown>>;

/** All environments in order of their names. */
export async function readEnvironments(connection: Connection | Pool): Promise<StoredEnvironments> {
  const { rows } = await connection.query<{ name: string; spec: unknown }>(
    'select name, spec from environments order by name',
  );
  return Object.fromEntries(rows.map(({ name, spec }) => [name, spec]));
}

export async function writeEnvironment(connection: Connection, name: string, spec: unknown): Promise<void> {
  await connection.query(
    `insert into environments (name, spec) values ($1, $2)
     on conflict (name) do update set spec = excluded.spec, applied_at = now()`,
    [name, JSON.stringify(spec)],
  );
}
