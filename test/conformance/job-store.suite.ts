// What every JobStore has to do, run on PostgreSQL and on the one in memory.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STAGE, STATUS, type ExecutionRow, type JobInfo, type JobStatus } from '#domain/fleet/job-execution.ts';
import type { StoreRequest } from '#domain/fleet/job-execution-request.ts';
import { SEEN_GRAIN_MS, type JobStore, type Outcome } from '#domain/ports/job-store.port.ts';
import { describeJob, getPending, shadow, startNext, update } from '../support/gateway/executions.ts';

export type ShownRow = Pick<
  ExecutionRow,
  'status' | 'stage' | 'versionNumber' | 'boots' | 'refusedSuccess' | 'cancelAcknowledged'
>;

export interface ShownDevice {
  readonly firmware: string;
  readonly reported: string | null;
  readonly lastSeenMs: number | null;
}

/** A store with the hands of the engine on it. */
export interface JobStoreBed {
  readonly store: JobStore;
  addDevice(thing: string, firmware: string): Promise<void>;
  addJob(changed?: Partial<JobInfo>): Promise<JobInfo>;
  setJobStatus(job: JobInfo, status: JobStatus): Promise<void>;
  release(job: JobInfo, things: readonly string[]): Promise<void>;
  /** Takes back all that is queued of the job. */
  withdraw(job: JobInfo): Promise<void>;
  row(thing: string, job: JobInfo): Promise<ShownRow>;
  /** Executions by status code. */
  counts(job: JobInfo): Promise<readonly number[]>;
  events(job: JobInfo): Promise<readonly { thing: string; details: Readonly<Record<string, unknown>> }[]>;
  device(thing: string): Promise<ShownDevice>;
  refusals(): Promise<ReadonlyMap<string, number>>;
  close(): Promise<void>;
}

export function jobStoreConformance(name: string, make: () => Promise<JobStoreBed>): void {
  describe(`job store: ${name}`, () => {
    let bed: JobStoreBed;
    let job: JobInfo;
    const things = ['a', 'b', 'c', 'd'];
    const now = () => Date.now();
    const apply = (...requests: StoreRequest[]): Promise<readonly Outcome[]> =>
      bed.store.applyBatch(0, requests, now());
    const one = async (request: StoreRequest): Promise<Outcome> => {
      const [outcome] = await apply(request);
      if (outcome === undefined) throw new Error('no outcome');
      return outcome;
    };
    const start = (thing: string, clientToken = `start-${thing}`) => startNext({ thing, clientToken });
    const report = (thing: string, changed: Parameters<typeof update>[0] = {}) =>
      update({ thing, jobId: job.jobId, ...changed });

    beforeEach(async () => {
      bed = await make();
      for (const thing of things) await bed.addDevice(thing, '1.0.0');
      job = await bed.addJob();
      await bed.release(job, things);
    });
    afterEach(() => bed.close());

    it('takes devices from queued to succeeded: versions, counters, firmware', async () => {
      const started = await apply(start('a'), start('b'));
      expect(started.map(({ answer }) => answer.kind)).toEqual(['accepted', 'accepted']);
      expect(started[0]?.answer).toMatchObject({ body: { execution: { jobId: job.jobId, versionNumber: 2 } } });
      await apply(report('a', { statusDetails: { step: 'installing' }, expectedVersion: 2 }));
      await apply(report('a', { status: 'SUCCEEDED', expectedVersion: 3 }), report('b', { status: 'FAILED' }));
      expect(await bed.row('a', job)).toMatchObject({ status: STATUS.succeeded, versionNumber: 4 });
      expect(await bed.counts(job)).toEqual([2, 0, 1, 1, 0, 0, 0]);
      expect((await bed.device('a')).firmware).toBe('1.1.0');
      expect((await bed.device('b')).firmware).toBe('1.0.0');
    });

    it('answers in the order of the requests', async () => {
      const outcomes = await apply(start('c'), getPending({ thing: 'a' }), describeJob({ thing: 'b' }), report('zz'));
      expect(outcomes.map(({ answer }) => ('body' in answer ? Object.keys(answer.body)[0] : ''))).toEqual([
        'execution',
        'inProgressJobs',
        'execution',
        'code',
      ]);
    });

    it('applies an equal token once, whatever slot the repeat comes on', async () => {
      await one(start('a'));
      await one(report('a', { clientToken: 't' }));
      const [repeat] = await bed.store.applyBatch(1, [report('a', { clientToken: 't' })], now());
      expect(repeat?.answer.kind).toBe('accepted');
      expect((await bed.row('a', job)).versionNumber).toBe(3);
    });

    it('applies each of the same requests at the same time once', async () => {
      await apply(...things.map((thing) => start(thing)));
      const reports = things.map((thing) => report(thing, { status: 'SUCCEEDED', clientToken: 'same' }));
      const both = await Promise.all([0, 1].map((slot) => bed.store.applyBatch(slot, reports, now())));
      expect(both.flat().map(({ answer }) => answer.kind)).toEqual(Array(8).fill('accepted'));
      expect(await bed.counts(job)).toEqual([0, 0, 4, 0, 0, 0, 0]);
      for (const thing of things) expect((await bed.row(thing, job)).versionNumber).toBe(3);
    });

    it('refuses a stale version with the present state', async () => {
      await one(start('a'));
      const { answer } = await one(report('a', { expectedVersion: 1 }));
      expect(answer).toMatchObject({
        body: { code: 'VersionMismatch', executionState: { status: 'IN_PROGRESS', versionNumber: 2 } },
      });
    });

    it('keeps evidence of failures', async () => {
      await one(start('a'));
      await one(
        report('a', {
          status: 'FAILED',
          statusDetails: { reason: 'checksum-mismatch', note: 'a "quoted", {odd} \\ NULL' },
        }),
      );
      expect(await bed.events(job)).toEqual([
        { thing: 'a', details: { reason: 'checksum-mismatch', note: 'a "quoted", {odd} \\ NULL', version: '1.1.0' } },
      ]);
    });

    it('hands out nothing of a held job, and all of it again when it is opened', async () => {
      await bed.setJobStatus(job, 'held');
      expect((await one(start('a'))).answer).not.toHaveProperty('body.execution');
      expect(await bed.store.openQueues()).toEqual([]);
      await bed.setJobStatus(job, 'open');
      expect(await bed.store.openQueues()).toEqual([job.seq]);
      expect((await one(start('a', 'again'))).answer).toHaveProperty('body.execution');
    });

    it('takes the report of a cancelled execution as acknowledgement', async () => {
      await apply(start('a'), start('b'));
      await bed.setJobStatus(job, 'cancelled');
      const [progress, success] = await apply(report('a'), report('b', { status: 'SUCCEEDED' }));
      expect(progress?.answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
      expect(success?.answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
      expect(await bed.row('a', job)).toMatchObject({ status: STATUS.canceled, refusedSuccess: false });
      expect(await bed.row('b', job)).toMatchObject({ status: STATUS.canceled, refusedSuccess: true });
      expect(await bed.counts(job)).toEqual([2, 0, 0, 0, 0, 0, 2]);
      expect((await bed.device('a')).firmware).toBe('1.0.0');
      expect((await bed.device('b')).firmware).toBe('1.1.0');
    });

    it('ends a cancelled execution whose device asks for its next job, and begins that one', async () => {
      const back = await bed.addJob({ version: '1.0.0' });
      await apply(start('a'), start('b'));
      await one(report('a', { statusDetails: { step: 'downloading' } }));
      await bed.setJobStatus(job, 'cancelled');
      await bed.release(back, ['a']);
      const next = await one(describeJob({ thing: 'a' }));
      expect(next.answer).toMatchObject({ body: { execution: { jobId: back.jobId, status: 'QUEUED' } } });
      expect((await one(describeJob({ thing: 'a', jobId: job.jobId }))).answer).toMatchObject({
        body: { execution: { jobId: job.jobId, status: 'IN_PROGRESS' } },
      });
      const [begun, none] = await apply(start('a', 'boot'), start('b', 'boot'));
      expect(begun?.answer).toMatchObject({ body: { execution: { jobId: back.jobId, status: 'IN_PROGRESS' } } });
      expect(none?.answer).not.toHaveProperty('body.execution');
      for (const thing of ['a', 'b']) {
        expect(await bed.row(thing, job)).toMatchObject({ status: STATUS.canceled, cancelAcknowledged: true });
      }
      expect((await bed.row('a', job)).stage).toBe(STAGE.downloading);
      expect(await bed.counts(job)).toEqual([2, 0, 0, 0, 0, 0, 2]);
      expect(await bed.counts(back)).toEqual([0, 1, 0, 0, 0, 0, 0]);
      const late = await one(report('b', { status: 'SUCCEEDED', clientToken: 'late' }));
      expect(late.answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
      expect((await bed.row('b', job)).refusedSuccess).toBe(true);
    });

    it('knows what a device runs that succeeded after its time, until a later job takes it back', async () => {
      const quick = await bed.addJob({ version: '1.2.0', inProgressTimeoutMs: 1_000 });
      await bed.addDevice('e', '1.0.0');
      await bed.release(quick, ['e']);
      await one(start('e'));
      await bed.store.sweepDeadlines(now() + 2_000, 100);
      const late = (clientToken: string) =>
        update({ thing: 'e', jobId: quick.jobId, status: 'SUCCEEDED', clientToken });
      expect((await one(late('late'))).answer).toMatchObject({ body: { code: 'InvalidStateTransition' } });
      expect(await bed.row('e', quick)).toMatchObject({ status: STATUS.timedOut, refusedSuccess: true });
      expect((await bed.device('e')).firmware).toBe('1.2.0');
      const back = await bed.addJob({ version: '1.0.0' });
      await bed.release(back, ['e']);
      await one(start('e', 'back'));
      await one(update({ thing: 'e', jobId: back.jobId, status: 'SUCCEEDED' }));
      await one(late('again'));
      expect((await bed.device('e')).firmware).toBe('1.0.0');
    });

    it('ends a boot loop and begins the next job in one go', async () => {
      const next = await bed.addJob({ version: '1.2.0' });
      await bed.release(next, ['a']);
      await one(start('a'));
      await one(report('a', { statusDetails: { step: 'installing' } }));
      for (const boot of ['1', '2']) await one(start('a', boot));
      expect((await bed.row('a', job)).boots.map(({ token }) => token)).toEqual(['1', '2']);
      // Delivered again, all of them: none is another boot.
      for (const again of ['start-a', '1', '2']) await one(start('a', again));
      await one(startNext({ thing: 'a', clientToken: 'back', countsAsBoot: false }));
      expect(await bed.row('a', job)).toMatchObject({ status: STATUS.inProgress, versionNumber: 3 });
      expect((await one(start('a', '3'))).answer).toMatchObject({ body: { execution: { jobId: next.jobId } } });
      expect((await bed.row('a', job)).status).toBe(STATUS.failed);
      expect(await bed.counts(next)).toEqual([0, 1, 0, 0, 0, 0, 0]);
      expect(await bed.events(job)).toMatchObject([{ thing: 'a', details: { reason: 'boot-loop', boots: 3 } }]);
    });

    it('proves a success by the shadow where the job asks for it', async () => {
      const proven = await bed.addJob({ version: '2.0.0', confirm: 'reported' });
      await bed.addDevice('e', '1.0.0');
      await bed.release(proven, ['e']);
      await one(start('e'));
      const success = update({ thing: 'e', jobId: proven.jobId, status: 'SUCCEEDED' });
      await one(success);
      expect((await bed.row('e', proven)).status).toBe(STATUS.inProgress);
      const { notices } = await one(shadow('2.0.0', { thing: 'e' }));
      expect(notices.map(({ topic }) => topic)).toEqual(['notify', 'notify-next']);
      expect((await bed.row('e', proven)).status).toBe(STATUS.succeeded);
      expect(await bed.device('e')).toMatchObject({ firmware: '2.0.0', reported: '2.0.0' });
    });

    it('fails a success that the shadow contradicts afterwards, not by what it said before', async () => {
      const proven = await bed.addJob({ version: '2.0.0', confirm: 'reported' });
      await bed.addDevice('e', '1.0.0');
      await bed.release(proven, ['e']);
      await one(start('e'));
      await one(shadow('1.0.0', { thing: 'e' }));
      await one(update({ thing: 'e', jobId: proven.jobId, status: 'SUCCEEDED' }));
      expect(await bed.row('e', proven)).toMatchObject({ status: STATUS.inProgress, stage: STAGE.claimed });
      await one(shadow('1.0.0', { thing: 'e' }));
      expect((await bed.row('e', proven)).status).toBe(STATUS.failed);
      expect(await bed.device('e')).toMatchObject({ firmware: '1.0.0', reported: '1.0.0' });
      expect(await bed.events(proven)).toMatchObject([{ details: { reason: 'old-version-reported' } }]);
    });

    it('fails what reports the old version after its reboot, also where its word would do', async () => {
      await one(start('a'));
      await one(report('a', { statusDetails: { step: 'rebooting' } }));
      await one(shadow('1.0.0', { thing: 'a' }));
      expect((await bed.row('a', job)).stage).toBe(STAGE.rebooting);
      await one(start('a', 'boot'));
      expect(await bed.row('a', job)).toMatchObject({ status: STATUS.inProgress, stage: STAGE.booted });
      await one(shadow('1.0.0', { thing: 'a' }));
      expect((await bed.row('a', job)).status).toBe(STATUS.failed);
      expect(await bed.counts(job)).toEqual([3, 0, 0, 1, 0, 0, 0]);
    });

    it('takes a reported version for the present one while no job is in progress', async () => {
      await one(shadow('0.9.0', { thing: 'a' }));
      expect(await bed.device('a')).toMatchObject({ firmware: '0.9.0', reported: '0.9.0' });
      await one(start('a'));
      await one(shadow('1.1.0', { thing: 'a' }));
      expect(await bed.device('a')).toMatchObject({ firmware: '0.9.0', reported: '1.1.0' });
      await one(report('a', { status: 'FAILED' }));
      expect((await bed.device('a')).firmware).toBe('0.9.0');
      await one(shadow('1.1.0', { thing: 'a' }));
      expect((await bed.device('a')).firmware).toBe('1.1.0');
    });

    it('keeps with a time-out what was reported last', async () => {
      const quick = await bed.addJob({ version: '2.0.0', inProgressTimeoutMs: 1_000, confirm: 'reported' });
      for (const thing of ['e', 'f']) await bed.addDevice(thing, '1.0.0');
      await bed.release(quick, ['e', 'f']);
      await apply(start('e'), start('f'));
      await one(shadow('1.0.0', { thing: 'e' }));
      await one(update({ thing: 'e', jobId: quick.jobId, status: 'SUCCEEDED' }));
      await one(update({ thing: 'f', jobId: quick.jobId, statusDetails: { step: 'rebooting' } }));
      await one(shadow('1.0.0', { thing: 'f' }));
      await bed.store.sweepDeadlines(now() + 2_000, 100);
      const details = new Map((await bed.events(quick)).map((event) => [event.thing, event.details]));
      expect(details.get('e')).toMatchObject({ reason: 'version-not-reported', reported: '1.0.0' });
      expect(details.get('f')).toMatchObject({ reason: 'old-version-reported', firmware: '1.0.0' });
    });

    it('times out what is past its deadline, and only that', async () => {
      const quick = await bed.addJob({ inProgressTimeoutMs: 1_000 });
      await bed.release(quick, ['b']);
      await one(start('a'));
      await one(report('b', { status: 'REJECTED' }));
      await one(start('b'));
      expect(await bed.store.sweepDeadlines(now(), 100)).toMatchObject({ ended: 0 });
      const { ended, notices } = await bed.store.sweepDeadlines(now() + 2_000, 100);
      expect(ended).toBe(1);
      expect(notices.map(({ thing, topic }) => `${thing} ${topic}`)).toEqual(['b notify', 'b notify-next']);
      expect(await bed.counts(quick)).toEqual([0, 0, 0, 0, 1, 0, 0]);
      expect(await bed.events(quick)).toMatchObject([{ details: { reason: 'in-progress-timeout' } }]);
    });

    it('feeds releases in order, and moves over those begun meanwhile', async () => {
      const first = await bed.store.releasedAfter(0, 2);
      expect(first.things).toEqual(['a', 'b']);
      await one(start('c'));
      const rest = await bed.store.releasedAfter(first.cursor, 10);
      expect(rest.things).toEqual(['d']);
      expect(rest.jobs).toEqual([job.seq]);
      expect(rest.cursor).toBe(await bed.store.newestRelease());
      expect(await bed.store.releasedAfter(rest.cursor, 10)).toEqual({ things: [], jobs: [], cursor: rest.cursor });
    });

    it('pages through everything queued of open jobs', async () => {
      const other = await bed.addJob();
      await bed.release(other, ['b', 'd']);
      await one(start('a'));
      const seen: string[] = [];
      for (let page = await bed.store.queuedPage(null, 2); ; page = await bed.store.queuedPage(page.next, 2)) {
        seen.push(...page.things);
        if (page.next === null) break;
      }
      expect(seen).toEqual(['b', 'c', 'd', 'b', 'd']);
    });

    it('tells things what they have pending', async () => {
      await one(start('a'));
      const notices = await bed.store.noticesFor(['a', 'b', 'nobody'], 'release', now());
      expect(notices.map(({ thing, topic }) => `${thing} ${topic}`)).toEqual(['a notify', 'b notify', 'b notify-next']);
      expect(notices[2]?.payload).toMatchObject({ execution: { jobId: job.jobId, status: 'QUEUED' } });
    });

    it('finds page by page from whom a job was withdrawn', async () => {
      await one(start('c'));
      const before = await bed.store.markOfJob(job.seq);
      expect(before).toMatchObject({ status: 'open', canceled: 0 });
      const since = { jobSeq: job.seq, sinceMs: before?.atMs ?? 0, isStatusNew: false };
      expect(await bed.store.withdrawnPage({ ...since, after: '' }, 10)).toEqual({ things: [], next: null });
      await bed.withdraw(job);
      const mark = await bed.store.markOfJob(job.seq);
      expect(mark).toMatchObject({ status: 'open', canceled: 3 });
      expect(await bed.store.withdrawnPage({ ...since, after: '' }, 2)).toEqual({ things: ['a', 'b'], next: 'b' });
      expect(await bed.store.withdrawnPage({ ...since, after: 'b' }, 2)).toEqual({ things: ['d'], next: null });
      const later = { ...since, sinceMs: (mark?.atMs ?? 0) + 60_000 };
      expect(await bed.store.withdrawnPage({ ...later, after: '' }, 2)).toEqual({ things: [], next: null });
      expect(await bed.store.markOfJob(4_711)).toBeNull();
    });

    it('finds whom a held job keeps waiting, and who is in progress with a cancelled one', async () => {
      await apply(start('a'), start('b'));
      const find = async (isStatusNew: boolean) => {
        const search = { jobSeq: job.seq, sinceMs: now() - 60_000, isStatusNew, after: '' };
        return (await bed.store.withdrawnPage(search, 10)).things;
      };
      expect(await find(true)).toEqual([]);
      await bed.setJobStatus(job, 'held');
      expect(await find(true)).toEqual(['c', 'd']);
      expect(await find(false)).toEqual([]);
      await bed.setJobStatus(job, 'cancelled');
      await bed.withdraw(job);
      expect(await find(true)).toEqual(['a', 'b', 'c', 'd']);
      await one(start('a', 'boot'));
      expect(await find(true)).toEqual(['b', 'c', 'd']);
      expect(await find(false)).toEqual(['c', 'd']);
    });

    it('tells things that nothing is left for them, or what is', async () => {
      const other = await bed.addJob();
      await bed.release(other, ['b']);
      await bed.withdraw(job);
      const notices = await bed.store.noticesFor(['a', 'b'], 'withdrawal', now());
      expect(notices.map(({ thing, topic }) => `${thing} ${topic}`)).toEqual([
        'a notify',
        'a notify-next',
        'b notify',
        'b notify-next',
      ]);
      expect(notices.map(({ payload }) => payload)).toMatchObject([
        { jobs: {} },
        { execution: {} },
        { jobs: { QUEUED: [{ jobId: other.jobId }] } },
        { execution: { jobId: other.jobId } },
      ]);
    });

    it('adds up refusals and notes who was seen', async () => {
      await bed.store.countRefusals(new Map([['InvalidJson', 2]]));
      await bed.store.countRefusals(new Map([['InvalidJson', 1]]));
      expect(await bed.refusals()).toEqual(new Map([['InvalidJson', 3]]));
      const at = now();
      await bed.store.recordSeen(['a', 'nobody'], at);
      expect((await bed.device('a')).lastSeenMs).toBe(at);
    });

    it('lets a fresh note of who was seen stand', async () => {
      const at = now();
      await bed.store.recordSeen(['a'], at);
      await bed.store.recordSeen(['a'], at + SEEN_GRAIN_MS);
      expect((await bed.device('a')).lastSeenMs).toBe(at);
      await bed.store.recordSeen(['a'], at + SEEN_GRAIN_MS + 1);
      expect((await bed.device('a')).lastSeenMs).toBe(at + SEEN_GRAIN_MS + 1);
    });
  });
}
