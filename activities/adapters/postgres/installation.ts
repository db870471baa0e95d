import type { Pool } from './pool.ts';

/** The installation that a database belongs to, and where its data directory was last seen. */
export interface Installation {
  readonly id: string;
  readonly dataDirectory: string;
  readonly host: string;
}

/** Null while no installation has claimed the database. */
export async function readInstallation(pool: Pool): Promise<Installation | null> {
  const { rows } = await pool.query<Installation>(
    'select installation_id as id, data_directory as "dataDirectory", host from installation',
  );
  return rows[0] ?? null;
}

/** Claims the database for `claimant`, unless it has an owner; the result is whose it is then. */
export async function claimDatabase(pool: Pool, claimant: Installation): Promise<Installation> {
  const { id, dataDirectory, host } = claimant;
  await pool.query(
    `insert into installation as i (installation_id, data_directory, host) values ($1, $2, $3)
     on conflict (only_row) do update set data_directory = excluded.data_directory, host = excluded.host
     where i.installation_id = excluded.installation_id
       and (i.data_directory, i.host) is distinct from (excluded.data_directory, excluded.host)`,
    [id, dataDirectory, host],
  );
  return (await readInstallation(pool)) ?? claimant;
}
