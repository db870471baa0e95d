// Writing what a batch decided: rows, counters, evidence and devices in one statement, so in one commit.
import { installedVersion, type RowChange } from '#domain/fleet/job-execution-decision.ts';
import { booleanArray, numberArray, textArray } from './array-literal.ts';
import type { StoredRow } from './job-store-rows.ts';
import type { Pool } from './pool.ts';

export interface StoredChange extends RowChange {
  readonly before: StoredRow;
}

/** A firmware that a device's shadow reported. */
export interface ReportedFirmware {
  readonly thing: string;
  readonly firmware: string;
  /** What the registry takes for the device's firmware from now on; null leaves it. */
  readonly present: string | null;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly literal: (changes: readonly StoredChange[]) => string;
}

const numbers = (name: string, type: string, of: (change: StoredChange) => number | null): Column => ({
  name,
  type,
  literal: (changes) => numberArray(changes.map(of)),
});
const texts = (name: string, of: (change: StoredChange) => string | null): Column => ({
  name,
  type: 'text',
  literal: (changes) => textArray(changes.map(of)),
});
const booleans = (name: string, of: (change: StoredChange) => boolean): Column => ({
  name,
  type: 'bool',
  literal: (changes) => booleanArray(changes.map(of)),
});
const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** Columns of every change. */
const USUAL: readonly Column[] = [
  texts('thing', ({ before }) => before.thing),
  numbers('job_seq', 'int', ({ before }) => before.jobSeq),
  { name: 'place', type: 'tid', literal: (changes) => textArray(changes.map(({ before }) => before.place)) },
  { name: 'written_by', type: 'xid', literal: (changes) => textArray(changes.map(({ before }) => before.writtenBy)) },
  texts('job_status', ({ jobStatus }) => jobStatus),
  numbers('was', 'int2', ({ before }) => before.status),
  numbers('version_number', 'int', ({ after }) => after.versionNumber),
  numbers('status', 'int2', ({ after }) => after.status),
  numbers('stage', 'int2', ({ after }) => after.stage),
  numbers('started_at', 'float8', ({ after }) => after.startedAtMs),
  numbers('updated_at', 'float8', ({ after }) => after.updatedAtMs),
  numbers('deadline_at', 'float8', ({ after }) => after.deadlineAtMs),
  texts('start_token', ({ after }) => after.startToken),
  texts('last_token', ({ after }) => after.lastToken),
  texts('status_details', ({ after }) => json(after.statusDetails)),
  texts('installed', installedVersion),
];
/** Columns that hardly a change touches: of boots in the middle of a job, refused successes, failures. */
const RARE: readonly Column[] = [
  texts('boots', ({ after }) => (after.boots.length === 0 ? null : JSON.stringify(after.boots))),
  booleans('refused_success', ({ after }) => after.refusedSuccess),
  booleans('cancel_acknowledged', ({ after }) => after.cancelAcknowledged),
  texts('evidence', ({ evidence }) => json(evidence)),
];
const SET_RARE =
  'boots = c.boots::jsonb, refused_success = c.refused_success, cancel_acknowledged = c.cancel_acknowledged,';

const isUsual = ({ before, after, evidence }: StoredChange): boolean =>
  evidence === null &&
  before.boots.length + after.boots.length === 0 &&
  before.refusedSuccess === after.refusedSuccess &&
  before.cancelAcknowledged === after.cancelAcknowledged;

const COUNTERS = ['queued', 'in_progress', 'succeeded', 'failed', 'timed_out', 'rejected', 'canceled'] as const;
const at = (column: string): string => `to_timestamp(c.${column} / 1000)`;
const difference = (status: number): string =>
  `count(*) filter (where status = ${status}) - count(*) filter (where was = ${status})`;

/** What the devices of the batch run from now on, by what they installed or their shadows said. */
const TELL_DEVICES = `told as (
    select thing, max(present) as present, max(reported) as reported from (
      select thing, installed as present, null as reported from applied where installed is not null
      union all select thing, present, firmware from unnest($3::text[], $4::text[], $5::text[]) as r (thing, firmware, present)
    ) as one group by thing
  ), devices_told as (
    update devices d set firmware = coalesce(t.present, d.firmware), last_seen = to_timestamp($2::float8 / 1000),
      reported_firmware = coalesce(t.reported, d.reported_firmware),
      reported_at = case when t.reported is null then d.reported_at else to_timestamp($2::float8 / 1000) end,
      revision = case when t.present <> d.firmware then nextval('device_revision') else d.revision end
    from (select * from told order by thing) t where d.thing = any(array[t.thing])
  )`;

// Joined so that each row can only be looked up by its place or key, one after the other and by name: a planner that takes
// a table for empty, as it was when somebody analyzed it, would rather read all of it for each request of the batch. So the
// key of an execution is compared in a form that no index has. Place and writer alone do not name it: a rewrite of the table
// moves rows.
// $1 slot, $2 now (ms), $3 to $5 shadow reports, then one array for each column.
const FIRST_COLUMN = 6;

interface Statement {
  readonly name: string;
  readonly text: string;
  readonly columns: readonly Column[];
}

function statement(name: string, which: 'usual' | 'all'): Statement {
  const hasRare = which === 'all';
  const columns = hasRare ? [...USUAL, ...RARE] : USUAL;
  const text = `
  with c as (
    select * from unnest(${columns.map(({ type }, index) => `$${index + FIRST_COLUMN}::${type}[]`).join(', ')})
      as c (${columns.map((column) => column.name).join(', ')})
  ), applied as (
    update job_executions e set version_number = c.version_number, status = c.status, stage = c.stage,
      ${hasRare ? SET_RARE : ''}
      started_at = ${at('started_at')}, updated_at = ${at('updated_at')},
      deadline_at = ${at('deadline_at')}, start_token = c.start_token, last_token = c.last_token,
      status_details = c.status_details::jsonb
    from c
    where e.ctid = c.place and e.xmin = c.written_by and e.thing || '' = c.thing and e.job_seq + 0 = c.job_seq
      and c.job_status = (select status from jobs j where j.seq = c.job_seq)
    returning e.thing, e.job_seq, c.was, e.status, c.installed, ${hasRare ? 'c.evidence' : 'null as evidence'},
      e.ctid::text as place, e.xmin::text as written_by
  ), counted as (
    insert into job_counters as k (job_seq, slot, ${COUNTERS.join(', ')})
    select job_seq, $1::int, ${COUNTERS.map((_name, status) => difference(status)).join(', ')}
    from applied where was <> status group by job_seq
    on conflict (job_seq, slot) do update set ${COUNTERS.map((counter) => `${counter} = k.${counter} + excluded.${counter}`).join(', ')}
  ), proven as (
    insert into execution_events (thing, job_seq, at, status, details)
    select thing, job_seq, to_timestamp($2::float8 / 1000), status, evidence::jsonb from applied where evidence is not null
  ), ${TELL_DEVICES}
  select thing, job_seq, place, written_by from applied`;
  return { name, text, columns };
}

const APPLY_USUAL = statement('gateway-apply-usual', 'usual');
const APPLY = statement('gateway-apply', 'all');

/** A change that is committed, with the row version that it made. */
export interface WrittenChange extends RowChange {
  readonly place: string;
  readonly writtenBy: string;
}

/** Writes those `changes` whose rows (and jobs' status) are still as they were read; the result holds these. */
export async function writeChanges(
  pool: Pool,
  { slot, nowMs }: { readonly slot: number; readonly nowMs: number },
  changes: readonly StoredChange[],
  reports: readonly ReportedFirmware[],
): Promise<Map<RowChange, WrittenChange>> {
  // By thing: whoever else changes many rows locks them in this order too.
  const ordered = changes.toSorted((a, b) => (a.before.thing < b.before.thing ? -1 : 1));
  const { name, text, columns } = ordered.every(isUsual) ? APPLY_USUAL : APPLY;
  const { rows } = await pool.query<[thing: string, jobSeq: number, place: string, writtenBy: string]>({
    name,
    text,
    values: [
      slot,
      nowMs,
      textArray(reports.map(({ thing }) => thing)),
      textArray(reports.map(({ firmware }) => firmware)),
      textArray(reports.map(({ present }) => present)),
      ...columns.map(({ literal }) => literal(ordered)),
    ],
    rowMode: 'array',
  });
  const byKey = new Map(ordered.map((change) => [`${change.after.jobSeq} ${change.after.thing}`, change]));
  const written = new Map<RowChange, WrittenChange>();
  for (const [thing, jobSeq, place, writtenBy] of rows) {
    const change = byKey.get(`${jobSeq} ${thing}`);
    if (change !== undefined) written.set(change, { ...change, place, writtenBy });
  }
  return written;
}
