// The statement that writes a batch: rows, counters, evidence and devices, so in one commit.
import { installedVersion, type RowChange } from '#domain/fleet/job-execution-decision.ts';
import { booleanArray, numberArray, textArray } from './array-literal.ts';
import type { StoredRow } from './job-store-rows.ts';

export interface StoredChange extends RowChange {
  readonly before: StoredRow;
}

/** A parameter of the statement that holds one value of each change. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly literal: (changes: readonly StoredChange[]) => string;
}

const numbers = (name: string, type: string, of: (change: StoredChange) => number | null): Column => ({
  name,
  type,
  literal: (changes) => numberArray(changes.map(of)),
});
const texts = (name: string, of: (change: StoredChange) => string | null, type = 'text'): Column => ({
  name,
  type,
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
  texts('place', ({ before }) => before.place, 'tid'),
  texts('written_by', ({ before }) => before.writtenBy, 'xid'),
  numbers('was', 'int2', ({ before }) => before.status),
  numbers('version_number', 'int', ({ after }) => after.versionNumber),
  numbers('status', 'int2', ({ after }) => after.status),
  numbers('stage', 'int2', ({ after }) => after.stage),
  numbers('started_at', 'float8', ({ after }) => after.startedAtMs),
  numbers('deadline_at', 'float8', ({ after }) => after.deadlineAtMs),
  texts('start_token', ({ after }) => after.startToken),
  texts('last_token', ({ after }) => after.lastToken),
  texts('status_details', ({ after }) => json(after.statusDetails)),
  texts('installed', installedVersion),
];
/** Columns that hardly a change touches: of boots in the middle of a job, refused successes, failures. */
const RARE: readonly Column[] = [
  numbers('updated_at', 'float8', ({ after }) => after.updatedAtMs),
  texts('boots', ({ after }) => (after.boots.length === 0 ? null : JSON.stringify(after.boots))),
  booleans('refused_success', ({ after }) => after.refusedSuccess),
  booleans('cancel_acknowledged', ({ after }) => after.cancelAcknowledged),
  texts('evidence', ({ evidence }) => json(evidence)),
];

/** True for a change at `nowMs` that leaves the rare columns as they are. */
export const isUsual = ({ before, after, evidence }: StoredChange, nowMs: number): boolean =>
  evidence === null &&
  after.updatedAtMs === nowMs &&
  before.boots.length + after.boots.length === 0 &&
  before.refusedSuccess === after.refusedSuccess &&
  before.cancelAcknowledged === after.cancelAcknowledged;

const NOW = 'to_timestamp($2::float8 / 1000)';
const at = (column: string): string => `to_timestamp(c.${column} / 1000)`;
const SET_RARE =
  'boots = c.boots::jsonb, refused_success = c.refused_success, cancel_acknowledged = c.cancel_acknowledged,';

const COUNTERS = ['queued', 'in_progress', 'succeeded', 'failed', 'timed_out', 'rejected', 'canceled'] as const;
const difference = (status: number): string =>
  `count(*) filter (where status = ${status}) - count(*) filter (where was = ${status})`;
const COUNT = `counted as (
    insert into job_counters as k (job_seq, slot, ${COUNTERS.join(', ')})
    select job_seq, $1::int, ${COUNTERS.map((_name, status) => difference(status)).join(', ')}
    from applied where was <> status group by job_seq
    on conflict (job_seq, slot) do update set ${COUNTERS.map((counter) => `${counter} = k.${counter} + excluded.${counter}`).join(', ')}
  )`;

const PROVE = `proven as (
    insert into execution_events (thing, job_seq, at, status, details)
    select thing, job_seq, ${NOW}, status, evidence::jsonb from applied where evidence is not null
  )`;

/** What devices run from now on, by what they installed. */
const INSTALLED = `select thing, installed as present, null::text as reported from applied where installed is not null`;
/** The same, or by what their shadows said. */
const INSTALLED_OR_REPORTED = `select thing, max(present) as present, max(reported) as reported from (
      ${INSTALLED}
      union all select thing, present, firmware from unnest($5::text[], $6::text[], $7::text[]) as r (thing, firmware, present)
    ) as one group by thing`;

const tellDevices = (told: string): string => `told as (
    ${told}
  ), devices_told as (
    update devices d set firmware = coalesce(t.present, d.firmware), last_seen = ${NOW},
      reported_firmware = coalesce(t.reported, d.reported_firmware),
      reported_at = case when t.reported is null then d.reported_at else ${NOW} end,
      revision = case when t.present <> d.firmware then nextval('device_revision') else d.revision end
    from (select * from told order by thing) t where d.thing = any(array[t.thing])
  )`;

export interface Statement {
  readonly name: string;
  /**
   * Parameters: the counters' slot, the time (ms), then jobs and the statuses that were decided on; the whole one takes
   * things, firmware and present firmware of shadow reports next; then one array for each column. The result has the ordinal
   * of each change that was written, from 1, with its row's new place and writer.
   */
  readonly text: string;
  readonly columns: readonly Column[];
}

// Joined so that each row can only be looked up by its place or key, one after the other and by name: a planner that takes
// a table for empty, as it was when somebody analyzed it, would rather read all of it for each request of the batch. So the
// key of an execution is compared in a form that no index has. Place and writer alone do not name it: a rewrite of the table
// moves rows.
function statement(which: 'usual' | 'whole'): Statement {
  const isWhole = which === 'whole';
  const columns = isWhole ? [...USUAL, ...RARE] : USUAL;
  const first = isWhole ? 8 : 5;
  const text = `
  with c as (
    select * from unnest(${columns.map(({ type }, index) => `$${index + first}::${type}[]`).join(', ')})
      with ordinality as c (${columns.map(({ name }) => name).join(', ')}, ordinal)
  ), applied as (
    update job_executions e set version_number = c.version_number, status = c.status, stage = c.stage,
      ${isWhole ? SET_RARE : ''} updated_at = ${isWhole ? at('updated_at') : NOW},
      started_at = ${at('started_at')}, deadline_at = ${at('deadline_at')},
      start_token = c.start_token, last_token = c.last_token, status_details = c.status_details::jsonb
    from c
    where e.ctid = c.place and e.xmin = c.written_by and e.thing || '' = c.thing and e.job_seq + 0 = c.job_seq
      and c.job_seq <> all(array(
        select j.seq from unnest($3::int[], $4::text[]) as k (seq, status) join jobs j on j.seq = k.seq
        where j.status <> k.status))
    returning c.ordinal, e.thing, e.job_seq, c.was, e.status, c.installed, ${isWhole ? 'c.evidence,' : ''} e.ctid::text as place
  ), ${(isWhole ? [COUNT, PROVE, tellDevices(INSTALLED_OR_REPORTED)] : [COUNT, tellDevices(INSTALLED)]).join(', ')}
  select pg_current_xact_id()::xid::text, string_agg(ordinal || place, ' ') from applied`;
  return { name: `gateway-apply-${which}`, text, columns };
}

/** For batches without shadow reports whose changes are all usual: nearly all, where it matters. */
export const APPLY_USUAL = statement('usual');
export const APPLY_WHOLE = statement('whole');
