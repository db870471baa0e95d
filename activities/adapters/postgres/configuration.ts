import type { Connection, Pool } from './pool.ts';

/** Sections of a configuration file by name, as they were written, secrets replaced by references. */
export type StoredSections = Readonly<Record<string, unknown>>;

/** Two files applied at once are applied one after the other; held until the transaction ends. */
export async function lockConfiguration(connection: Connection): Promise<void> {
  await connection.query(`select pg_advisory_xact_lock(hashtext('sluice.configuration'))`);
}

/** Every section but the environments; none before the first file was applied. */
export async function readSections(connection: Connection | Pool): Promise<StoredSections> {
  const { rows } = await connection.query<{ document: StoredSections }>('select document from configuration');
  return rows[0]?.document ?? {};
}

export async function writeSections(connection: Connection, sections: StoredSections, by: string): Promise<void> {
  await connection.query(
    `insert into configuration (document, applied_by) values ($1, $2)
     on conflict (only_row) do update set document = excluded.document, applied_by = excluded.applied_by, applied_at = now()`,
    [JSON.stringify(sections), by],
  );
}
