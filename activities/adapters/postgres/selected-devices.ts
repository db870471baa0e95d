import type { Connection, Pool } from './pool.ts';

/** A device as filters and compatibility rules see it. */
export interface DeviceFacts {
  readonly thing: string;
  readonly hardware: string;
  readonly firmware: string;
  readonly tags: Readonly<Record<string, string>>;
}

const PAGE = 5_000;

/** Every device of the registry by name, a page at a time. */
export async function* allDevices(pool: Pool | Connection): AsyncGenerator<DeviceFacts[]> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<DeviceFacts>(
      'select thing, hardware, firmware, tags from devices where thing > $1 order by thing limit $2',
      [after, PAGE],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.thing;
  }
}

/** Devices that changed or came since the run last looked and are no targets of it yet, a page at a time. */
export async function* newcomers(pool: Pool, run: string): AsyncGenerator<DeviceFacts[]> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<DeviceFacts>(
      `select d.thing, d.hardware, d.firmware, d.tags from devices d
       where d.revision > (select joined_revision from rollouts where run_id = $1) and d.thing > $2
         and not exists (select 1 from rollout_targets t where t.run_id = $1 and t.thing = d.thing)
       order by d.thing limit $3`,
      [run, after, PAGE],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.thing;
  }
}

/** Moves the bound of `newcomers` forward, as far as no device below it can still appear. */
export async function advanceJoined(
  pool: Pool,
  run: string,
  mark: { readonly revision: number; readonly beforeXid: string; readonly endedXid: string },
): Promise<void> {
  await pool.query(
    `update rollouts set joined_revision = pending_revision, pending_revision = $2, pending_xid = $3::xid8
     where run_id = $1 and pending_xid <= $4::xid8`,
    [run, mark.revision, mark.beforeXid, mark.endedXid],
  );
}

/** The saved filters of `groups`, by name; a group that does not exist is missing. */
export async function readGroupFilters(pool: Pool, groups: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await pool.query<{ name: string; filter: string }>(
    'select name, filter from groups where name = any($1)',
    [groups],
  );
  return new Map(rows.map(({ name, filter }) => [name, filter]));
}
