import { decide } from '#domain/fleet/job-execution-decide.ts';
import { occasionNotices, type Decision, type Occasion, type RowChange } from '#domain/fleet/job-execution-decision.ts';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import type { Notice } from '#domain/fleet/job-execution-answer.ts';
import {
  SEEN_GRAIN_MS,
  STORE_SLOTS,
  type JobStore,
  type Outcome,
  type SweepResult,
} from '#domain/ports/job-store.port.ts';
import { textArray } from './array-literal.ts';
import { newestRelease, openQueues, pastDeadline, queuedPage, releasedAfter } from './job-store-feed.ts';
import { ExecutionCache } from './job-store-cache.ts';
import { JobCache } from './job-store-jobs.ts';
import { readExecutions, readReportedFirmware, type RowVersion } from './job-store-rows.ts';
import { markOfJob, withdrawnPage } from './job-store-withdrawn.ts';
import type { StoredChange } from './job-store-statement.ts';
import { writeChanges } from './job-store-write.ts';
import type { Pool } from './pool.ts';

/** A row that changes under a request this often in a row is changed by something that does not stop. */
const MOST_ROUNDS = 20;
/** Time-outs count in a row of their own, so that they never wait for a batch. */
const SWEEP_SLOT = STORE_SLOTS;

/**
 * How the gateway's connections plan. All of its statements find rows by keys, in tables that may have been empty when a
 * statement was prepared: a plan that read the whole table then would be kept while the table grows.
 */
export const JOB_STORE_SETTINGS = [
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
  // Compiling a plan takes longer than any of them runs, and a high estimate would ask for it.
  'jit=off',
] as const;

/**
 * The executions of `shard` in PostgreSQL. A batch is read (or known from before), decided here, and written where the
 * rows are still as they were; what lost that race is read and decided again. So cancels, time-outs and a second gateway
 * may interleave. Job documents are handed out with links below `artifactBaseUrl`.
 */
export function createPostgresJobStore(pool: Pool, shard: number, artifactBaseUrl: string): JobStore {
  const jobs = new JobCache(pool, artifactBaseUrl);
  const cache = new ExecutionCache();
  const applyBatch = (slot: number, requests: readonly StoreRequest[], nowMs: number) =>
    applyUntilDone({ pool, jobs, cache, slot, nowMs }, requests);
  return {
    forget: () => cache.clear(),
    applyBatch,
    newestRelease: () => newestRelease(pool, shard),
    releasedAfter: (cursor, limit) => releasedAfter(pool, shard, cursor, limit),
    openQueues: () => openQueues(pool),
    queuedPage: (after, limit) => queuedPage(pool, shard, after, limit),
    noticesFor: (things, occasion, nowMs) => noticesFor({ pool, jobs, cache, nowMs }, things, occasion),
    markOfJob: (jobSeq) => markOfJob(pool, jobSeq),
    withdrawnPage: (search, limit) => withdrawnPage(pool, shard, search, limit),
    async sweepDeadlines(nowMs, limit): Promise<SweepResult> {
      const late = new Map<string, StoreRequest>();
      for (const { thing, jobId } of await pastDeadline(pool, shard, nowMs, limit)) {
        late.set(thing, { kind: 'expire', thing, jobId });
      }
      if (late.size === 0) return { ended: 0, notices: [] };
      const outcomes = await applyBatch(SWEEP_SLOT, [...late.values()], nowMs);
      return { ended: late.size, notices: outcomes.flatMap(({ notices }) => notices) };
    },
    countRefusals: (counts) => countRefusals(pool, counts),
    recordSeen: (things, nowMs) => recordSeen(pool, things, nowMs),
  };
}

interface Batch {
  readonly pool: Pool;
  readonly jobs: JobCache;
  readonly cache: ExecutionCache;
  readonly slot: number;
  readonly nowMs: number;
}

async function applyUntilDone(batch: Batch, requests: readonly StoreRequest[]): Promise<Outcome[]> {
  const outcomes = new Map<StoreRequest, Outcome>();
  let open = requests;
  for (let round = 0; open.length > 0; round += 1) {
    if (round === MOST_ROUNDS) throw new Error(`${open.length} executions changed ${MOST_ROUNDS} times while decided`);
    const decisions = round === 0 ? decideFromMemory(batch, open) : new Map<StoreRequest, Decision>();
    const toRead = open.filter((request) => !decisions.has(request));
    for (const [request, decision] of await decideFromRows(batch, toRead)) decisions.set(request, decision);
    const written = await write(batch, open, decisions);
    open = open.filter((request) => {
      const decision = decisions.get(request);
      if (decision === undefined || decision.changes.some((change) => !written.has(change))) {
        batch.cache.forget(request.thing);
        return true;
      }
      outcomes.set(request, decision);
      return false;
    });
  }
  return requests.map((request) => outcomes.get(request) ?? { answer: { kind: 'none' }, notices: [] });
}

/** Only what leads to a change: the write proves that what is in memory was true. */
function decideFromMemory(
  { jobs, cache, nowMs }: Batch,
  requests: readonly StoreRequest[],
): Map<StoreRequest, Decision> {
  const decisions = new Map<StoreRequest, Decision>();
  for (const request of requests) {
    if (request.kind !== 'start-next' && request.kind !== 'update') continue;
    const executions = cache.find(request.thing);
    if (executions === null || needsShadow(request, jobs)) continue;
    const decision = decide({ thing: request.thing, executions, reported: null }, request, nowMs);
    if (decision.changes.length > 0) decisions.set(request, decision);
  }
  return decisions;
}

async function decideFromRows(
  { pool, jobs, cache, nowMs }: Batch,
  requests: readonly StoreRequest[],
): Promise<Map<StoreRequest, Decision>> {
  if (requests.length === 0) return new Map();
  await jobs.loadByIds(requests.flatMap((request) => namedJob(request) ?? []));
  const named = requests.flatMap((request) => jobs.byId(namedJob(request) ?? '')?.seq ?? []);
  const things = requests.map(({ thing }) => thing);
  const read = await readExecutions(pool, jobs, things, [...new Set(named)]);
  const proofs = requests.filter((request) => needsShadow(request, jobs)).map(({ thing }) => thing);
  const reported = await readReportedFirmware(pool, proofs);
  const decisions = new Map<StoreRequest, Decision>();
  for (const request of requests) {
    const executions = read.get(request.thing) ?? [];
    cache.keep(request.thing, executions);
    const state = { thing: request.thing, executions, reported: reported.get(request.thing) ?? null };
    decisions.set(request, decide(state, request, nowMs));
  }
  return decisions;
}

const namedJob = (request: StoreRequest): string | null => ('jobId' in request ? request.jobId : null);

/** True for a success that only the device's shadow can prove, and for a time-out, which tells what the shadow said last. */
function needsShadow(request: StoreRequest, jobs: JobCache): boolean {
  if (request.kind === 'expire') return true;
  if (request.kind !== 'update' || request.status !== 'SUCCEEDED') return false;
  return jobs.byId(request.jobId)?.confirm !== 'succeeded';
}

async function write(
  { pool, cache, slot, nowMs }: Batch,
  requests: readonly StoreRequest[],
  decisions: ReadonlyMap<StoreRequest, Decision>,
): Promise<Map<RowChange, RowVersion>> {
  // Every execution that was decided on came from the database, now or before.
  const changes = [...decisions.values()].flatMap((decision) => decision.changes as readonly StoredChange[]);
  const reports = requests.flatMap((request) => {
    if (request.kind !== 'shadow-report' || request.firmware === null) return [];
    const present = decisions.get(request)?.presentFirmware ?? null;
    return { thing: request.thing, firmware: request.firmware, present };
  });
  if (changes.length === 0 && reports.length === 0) return new Map();
  const written = await writeChanges(pool, { slot, nowMs }, changes, reports);
  for (const [change, version] of written) cache.follow(change, version);
  return written;
}

async function noticesFor(
  { pool, jobs, cache, nowMs }: Omit<Batch, 'slot'>,
  things: readonly string[],
  occasion: Occasion,
): Promise<Notice[]> {
  const read = await readExecutions(pool, jobs, things, []);
  return things.flatMap((thing) => {
    const executions = read.get(thing) ?? [];
    cache.keep(thing, executions);
    return occasionNotices({ thing, executions, reported: null }, occasion, nowMs);
  });
}

async function countRefusals(pool: Pool, counts: ReadonlyMap<string, number>): Promise<void> {
  await pool.query(
    `insert into gateway_refusals as g (day, code, count)
     select (now() at time zone 'utc')::date, code, count from unnest($1::text[], $2::bigint[]) as c (code, count)
     on conflict (day, code) do update set count = g.count + excluded.count`,
    [[...counts.keys()], [...counts.values()]],
  );
}

/** A device that ended a job has been noted with it: its row is not written again for a few seconds. */
async function recordSeen(pool: Pool, things: readonly string[], nowMs: number): Promise<void> {
  await pool.query(
    `update devices set last_seen = to_timestamp($2::float8 / 1000)
     where thing = any($1::text[]) and (last_seen is null or last_seen < to_timestamp($3::float8 / 1000))`,
    [textArray(things.toSorted()), nowMs, nowMs - SEEN_GRAIN_MS],
  );
}
