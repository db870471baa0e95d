// The executions of a fleet in memory: the double of the PostgreSQL store, and the raw loop of the bench.
import { decide } from '#domain/fleet/job-execution-decide.ts';
import {
  installedVersion,
  occasionNotices,
  type Occasion,
  type RowChange,
  type ThingState,
} from '#domain/fleet/job-execution-decision.ts';
import type { Notice } from '#domain/fleet/job-execution-answer.ts';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import {
  STATUS,
  type Execution,
  type ExecutionRow,
  type JobInfo,
  type JobStatus,
  type StatusCode,
} from '#domain/fleet/job-execution.ts';
import {
  SEEN_GRAIN_MS,
  type JobMark,
  type JobStore,
  type Outcome,
  type QueuedCursor,
  type QueuedPage,
  type ReleasedPage,
  type SweepResult,
  type WithdrawnPage,
  type WithdrawnSearch,
} from '#domain/ports/job-store.port.ts';
import { queuedRow } from '../gateway/queued-row.ts';

export interface MemoryDevice {
  firmware: string;
  reported: ThingState['reported'];
  lastSeenMs: number | null;
}

export interface MemoryEvent {
  readonly thing: string;
  readonly jobSeq: number;
  readonly status: StatusCode;
  readonly details: Readonly<Record<string, unknown>>;
}

interface MemoryJob {
  readonly info: JobInfo;
  status: JobStatus;
  /** By status code. */
  readonly counts: number[];
}

interface Offer {
  readonly thing: string;
  readonly jobSeq: number;
}

export class MemoryJobStore implements JobStore {
  readonly devices = new Map<string, MemoryDevice>();
  readonly events: MemoryEvent[] = [];
  readonly refusals = new Map<string, number>();
  readonly #jobs = new Map<number, MemoryJob>();
  readonly #rows = new Map<string, Map<number, ExecutionRow>>();
  readonly #offers: Offer[] = [];

  addJob(info: JobInfo): void {
    this.#jobs.set(info.seq, { info, status: 'open', counts: [0, 0, 0, 0, 0, 0, 0] });
  }

  setJobStatus(jobSeq: number, status: JobStatus): void {
    this.#job(jobSeq).status = status;
  }

  release(jobSeq: number, things: readonly string[], nowMs: number): void {
    for (const thing of things) {
      const rows = this.#rows.get(thing) ?? new Map<number, ExecutionRow>();
      this.#rows.set(thing, rows.set(jobSeq, queuedRow(thing, jobSeq, nowMs)));
      this.#count(jobSeq, STATUS.queued, 1);
      this.#offers.push({ thing, jobSeq });
    }
  }

  /** Takes back what is queued of the job, as the engine does. */
  withdraw(jobSeq: number, nowMs: number): void {
    for (const row of this.#allRows()) {
      if (row.jobSeq !== jobSeq || row.status !== STATUS.queued) continue;
      const gone = { status: STATUS.canceled, versionNumber: row.versionNumber + 1, updatedAtMs: nowMs };
      this.#rows.get(row.thing)?.set(jobSeq, { ...row, ...gone });
      this.#count(jobSeq, STATUS.queued, -1);
      this.#count(jobSeq, STATUS.canceled, 1);
    }
  }

  row(thing: string, jobSeq: number): ExecutionRow | null {
    return this.#rows.get(thing)?.get(jobSeq) ?? null;
  }

  /** Executions of the job by status code. */
  counts(jobSeq: number): readonly number[] {
    return this.#job(jobSeq).counts;
  }

  forget(): void {
    // It remembers nothing beside what it stores.
  }

  async applyBatch(_slot: number, requests: readonly StoreRequest[], nowMs: number): Promise<readonly Outcome[]> {
    return requests.map((request) => {
      const decision = decide(this.#state(request.thing), request, nowMs);
      for (const change of decision.changes) this.#write(change);
      if (request.kind === 'shadow-report' && request.firmware !== null) {
        const { presentFirmware } = decision;
        const present = presentFirmware === null ? {} : { firmware: presentFirmware };
        this.#updateDevice(request.thing, { ...present, reported: { firmware: request.firmware, atMs: nowMs } });
      }
      return decision;
    });
  }

  async newestRelease(): Promise<number> {
    return this.#offers.length;
  }

  async releasedAfter(cursor: number, limit: number): Promise<ReleasedPage> {
    const page = this.#offers.slice(cursor, cursor + limit);
    const queued = page.filter(({ thing, jobSeq }) => this.row(thing, jobSeq)?.status === STATUS.queued);
    return {
      things: [...new Set(queued.map(({ thing }) => thing))],
      jobs: [...new Set(queued.map(({ jobSeq }) => jobSeq))],
      cursor: cursor + page.length,
    };
  }

  async openQueues(): Promise<readonly number[]> {
    const open = [...this.#jobs.values()].filter(({ status, counts }) => status === 'open' && (counts[0] ?? 0) > 0);
    return open.map(({ info }) => info.seq).sort((a, b) => a - b);
  }

  async queuedPage(after: QueuedCursor | null, limit: number): Promise<QueuedPage> {
    const open = new Set(await this.openQueues());
    const isAfter = (row: ExecutionRow) =>
      after === null || row.jobSeq > after.jobSeq || (row.jobSeq === after.jobSeq && row.thing > after.thing);
    const queued = this.#allRows().filter(
      (row) => row.status === STATUS.queued && open.has(row.jobSeq) && isAfter(row),
    );
    queued.sort((a, b) => a.jobSeq - b.jobSeq || (a.thing < b.thing ? -1 : 1));
    const last = queued[limit - 1];
    const things = queued.slice(0, limit).map(({ thing }) => thing);
    return { things, next: last === undefined ? null : { jobSeq: last.jobSeq, thing: last.thing } };
  }

  async noticesFor(things: readonly string[], occasion: Occasion, nowMs: number): Promise<readonly Notice[]> {
    return things.flatMap((thing) => occasionNotices(this.#state(thing), occasion, nowMs));
  }

  async markOfJob(jobSeq: number): Promise<JobMark | null> {
    const job = this.#jobs.get(jobSeq);
    return job === undefined
      ? null
      : { status: job.status, canceled: job.counts[STATUS.canceled] ?? 0, atMs: Date.now() };
  }

  async withdrawnPage(search: WithdrawnSearch, limit: number): Promise<WithdrawnPage> {
    const { jobSeq, sinceMs, isStatusNew, after } = search;
    const { status: jobStatus } = this.#job(jobSeq);
    const isToTell = ({ status, cancelAcknowledged, updatedAtMs }: ExecutionRow): boolean => {
      if (status === STATUS.canceled) return !cancelAcknowledged && updatedAtMs >= sinceMs;
      if (!isStatusNew) return false;
      return (
        (jobStatus === 'held' && status === STATUS.queued) ||
        (jobStatus === 'cancelled' && status === STATUS.inProgress)
      );
    };
    const found = this.#allRows()
      .filter((row) => row.jobSeq === jobSeq && row.thing > after && isToTell(row))
      .map(({ thing }) => thing)
      .sort();
    const things = found.slice(0, limit);
    return { things, next: things.length === limit ? (things.at(-1) ?? null) : null };
  }

  async sweepDeadlines(nowMs: number, limit: number): Promise<SweepResult> {
    const late = this.#allRows().filter(
      (row) => row.status === STATUS.inProgress && row.deadlineAtMs !== null && row.deadlineAtMs <= nowMs,
    );
    const requests = new Map<string, StoreRequest>();
    for (const { thing, jobSeq } of late.slice(0, limit)) {
      requests.set(thing, { kind: 'expire', thing, jobId: this.#job(jobSeq).info.jobId });
    }
    const outcomes = await this.applyBatch(0, [...requests.values()], nowMs);
    return { ended: requests.size, notices: outcomes.flatMap(({ notices }) => notices) };
  }

  async countRefusals(counts: ReadonlyMap<string, number>): Promise<void> {
    for (const [code, count] of counts) this.refusals.set(code, (this.refusals.get(code) ?? 0) + count);
  }

  async recordSeen(things: readonly string[], nowMs: number): Promise<void> {
    for (const thing of things) {
      const noted = this.devices.get(thing)?.lastSeenMs ?? null;
      if (noted === null || noted < nowMs - SEEN_GRAIN_MS) this.#updateDevice(thing, { lastSeenMs: nowMs });
    }
  }

  #state(thing: string): ThingState {
    const executions: Execution[] = [];
    for (const row of this.#rows.get(thing)?.values() ?? []) {
      const { info, status } = this.#job(row.jobSeq);
      executions.push({ row, job: info, jobStatus: status });
    }
    return { thing, executions, reported: this.devices.get(thing)?.reported ?? null };
  }

  #write(change: RowChange): void {
    const { before, after, evidence } = change;
    this.#rows.get(after.thing)?.set(after.jobSeq, after);
    this.#count(after.jobSeq, before.status, -1);
    this.#count(after.jobSeq, after.status, 1);
    const installed = installedVersion(change);
    if (installed !== null) this.#updateDevice(after.thing, { firmware: installed });
    if (evidence === null) return;
    this.events.push({ thing: after.thing, jobSeq: after.jobSeq, status: after.status, details: evidence });
  }

  #updateDevice(thing: string, columns: Partial<MemoryDevice>): void {
    const device = this.devices.get(thing);
    if (device !== undefined) this.devices.set(thing, { ...device, ...columns });
  }

  #job(jobSeq: number): MemoryJob {
    const job = this.#jobs.get(jobSeq);
    if (job === undefined) throw new Error(`no job ${jobSeq}`);
    return job;
  }

  #count(jobSeq: number, status: StatusCode, by: number): void {
    const { counts } = this.#job(jobSeq);
    counts[status] = (counts[status] ?? 0) + by;
  }

  #allRows(): ExecutionRow[] {
    return [...this.#rows.values()].flatMap((rows) => [...rows.values()]);
  }
}
