// Writing what a batch decided, in one statement, so in one commit.
import type { JobStatus } from '#domain/fleet/job-execution.ts';
import type { RowChange } from '#domain/fleet/job-execution-decision.ts';
import { numberArray, textArray } from './array-literal.ts';
import { APPLY_USUAL, APPLY_WHOLE, isUsual, type StoredChange } from './job-store-statement.ts';
import type { RowVersion } from './job-store-rows.ts';
import type { Pool } from './pool.ts';

/** A firmware that a device's shadow reported. */
export interface ReportedFirmware {
  readonly thing: string;
  readonly firmware: string;
  /** What the registry takes for the device's firmware from now on; null leaves it. */
  readonly present: string | null;
}

/**
 * Writes those `changes` whose rows are still as they were read, and of whose job no change of this call was decided on
 * another status than the job has now; the result holds these, each with the version of its row that it made.
 */
export async function writeChanges(
  pool: Pool,
  { slot, nowMs }: { readonly slot: number; readonly nowMs: number },
  changes: readonly StoredChange[],
  reports: readonly ReportedFirmware[],
): Promise<Map<RowChange, RowVersion>> {
  // By thing: whoever else changes many rows locks them in this order too.
  const ordered = changes.toSorted((a, b) => (a.before.thing < b.before.thing ? -1 : 1));
  const areUsual = reports.length === 0 && ordered.every((change) => isUsual(change, nowMs));
  const { name, text, columns } = areUsual ? APPLY_USUAL : APPLY_WHOLE;
  const { rows } = await pool.query<[writtenBy: string, places: string | null]>({
    name,
    text,
    values: [
      slot,
      nowMs,
      ...decidedOn(ordered),
      ...(areUsual ? [] : reportValues(reports)),
      ...columns.map(({ literal }) => literal(ordered)),
    ],
    rowMode: 'array',
  });
  const written = new Map<RowChange, RowVersion>();
  const [writtenBy = '', places] = rows[0] ?? [];
  for (const ordinalAndPlace of places?.split(' ') ?? []) {
    const placeAt = ordinalAndPlace.indexOf('(');
    const change = ordered[Number(ordinalAndPlace.slice(0, placeAt)) - 1];
    if (change !== undefined) written.set(change, { place: ordinalAndPlace.slice(placeAt), writtenBy });
  }
  return written;
}

/** Each job with each status that was decided on; it is one per job but for a change of it in between. */
function decidedOn(changes: readonly StoredChange[]): [jobSeqs: string, statuses: string] {
  const statuses = new Map<JobStatus, Set<number>>();
  for (const { before, jobStatus } of changes) {
    const jobs = statuses.get(jobStatus);
    if (jobs === undefined) statuses.set(jobStatus, new Set([before.jobSeq]));
    else jobs.add(before.jobSeq);
  }
  const pairs = [...statuses].flatMap(([status, jobs]) => [...jobs].map((jobSeq) => ({ jobSeq, status })));
  return [numberArray(pairs.map(({ jobSeq }) => jobSeq)), textArray(pairs.map(({ status }) => status))];
}

const reportValues = (reports: readonly ReportedFirmware[]): string[] => [
  textArray(reports.map(({ thing }) => thing)),
  textArray(reports.map(({ firmware }) => firmware)),
  textArray(reports.map(({ present }) => present)),
];
