/** The device registry: table `devices`, and the count of wanted broker credentials that rises with it. */
import type { Device } from '#domain/fleet/device.ts';
import type { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import { STATUS } from '#domain/fleet/job-execution.ts';
import type { ThingName } from '#domain/ids.ts';
import type { Connection, Pool } from './pool.ts';

type Queryable = Pool | Connection;

/** Rows of one page; about 1 MB, one round trip. */
const PAGE_ROWS = 2_000;

export interface UpsertCounts {
  readonly added: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Known devices whose registered firmware was left alone, because they were seen running another one. */
  readonly firmwareKept: number;
}

/** What must be true of a device for its recorded firmware to be an observation rather than an assumption. */
const OBSERVED = `(d.reported_firmware is not null
  or exists (select from job_executions e where e.thing = d.thing and e.status = ${STATUS.succeeded}))`;

const UPSERT = `
with given as (
  select * from json_to_recordset($1::json) as g(thing text, hardware text, firmware text, tags jsonb, shard int)
), written as (
  insert into devices as d (thing, hardware, firmware, tags, shard)
  select thing, hardware, firmware, tags, shard from given order by thing collate "C"
  on conflict (thing) do update set
    hardware = excluded.hardware, tags = excluded.tags, revision = nextval('device_revision'),
    firmware = case when ${OBSERVED} then d.firmware else excluded.firmware end
  where (d.hardware, d.tags) is distinct from (excluded.hardware, excluded.tags)
    or (d.firmware <> excluded.firmware and not ${OBSERVED})
  returning xmax = 0 as added
)
select (select count(*) from given) as given,
  (select count(*) from written where added) as added,
  (select count(*) from written where not added) as updated,
  (select count(*) from given g join devices d using (thing) where d.firmware <> g.firmware and ${OBSERVED}) as kept`;

/**
 * Registers or changes devices, each thing at most once in a call. Hardware and tags of a known device become the given
 * ones; its firmware only while it never confirmed one, because what was observed outweighs a list.
 * Rows that say nothing new are not written. Call it inside a transaction.
 */
export async function upsertDevices(
  connection: Connection,
  devices: readonly (DeviceRegistration & { readonly shard: number })[],
): Promise<UpsertCounts> {
  const { rows } = await connection.query<{ given: number; added: number; updated: number; kept: number }>(UPSERT, [
    JSON.stringify(devices),
  ]);
  const { given = 0, added = 0, updated = 0, kept = 0 } = rows[0] ?? {};
  return { added, updated, unchanged: given - added - updated, firmwareKept: kept };
}

const COLUMNS = `thing, hardware, firmware, tags, reported_firmware as "reportedFirmware",
  to_char(reported_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "reportedAt",
  to_char(last_seen at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "lastSeen",
  to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "registeredAt", revision`;

/** The device, or null. */
export async function findDevice(database: Queryable, thing: ThingName): Promise<Device | null> {
  const { rows } = await database.query<Device>(`select ${COLUMNS} from devices where thing = $1`, [thing]);
  return rows[0] ?? null;
}

/** Those of `things` that are registered, in the order of their names. */
export async function findDevices(database: Queryable, things: readonly string[]): Promise<Device[]> {
  const { rows } = await database.query<Device>(`select ${COLUMNS} from devices where thing = any($1) order by thing`, [
    things,
  ]);
  return rows;
}

/** Every device, in pages by name; each page is its own snapshot. */
export async function* devicePages(database: Queryable, pageRows = PAGE_ROWS): AsyncGenerator<Device[]> {
  let after = '';
  while (true) {
    const { rows } = await database.query<Device>(
      `select ${COLUMNS} from devices where thing > $1 order by thing limit $2`,
      [after, pageRows],
    );
    if (rows.length > 0) yield rows;
    if (rows.length < pageRows) return;
    after = rows.at(-1)?.thing ?? after;
  }
}
