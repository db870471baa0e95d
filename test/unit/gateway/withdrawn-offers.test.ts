import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '#domain/fleet/job-execution-answer.ts';
import { OfferAnnouncer } from '../../../client/devices/gateway/offer-announcer.ts';
import { eventually } from '../../support/eventually.ts';
import { MemoryJobStore } from '../../support/fakes/memory-job-store.ts';
import { jobInfo, NOW_MS, startNext } from '../../support/gateway/executions.ts';

/** Counts what is asked of it, and fails as often as told. */
class CountingStore extends MemoryJobStore {
  searches = 0;
  failures = 0;

  override withdrawnPage(...args: Parameters<MemoryJobStore['withdrawnPage']>) {
    this.searches += 1;
    return super.withdrawnPage(...args);
  }

  override noticesFor(...args: Parameters<MemoryJobStore['noticesFor']>) {
    if (this.failures === 0) return super.noticesFor(...args);
    this.failures -= 1;
    return Promise.reject(new Error('away'));
  }
}

const JOB = 1;
const OTHER = 2;
let jobs: CountingStore;
let told: Notice[];
let announcer: OfferAnnouncer;
let backlog: number;
let looks: number;
let errors: unknown[];

beforeEach(() => {
  jobs = new CountingStore();
  for (const seq of [JOB, OTHER]) jobs.addJob(jobInfo(seq));
  [told, errors, backlog, looks] = [[], [], 0, 0];
  announcer = new OfferAnnouncer({
    store: jobs,
    now: () => NOW_MS,
    backlog: () => {
      looks += 1;
      return backlog;
    },
    publish: (notices) => told.push(...notices),
    onError: (error) => errors.push(error),
    onReleasesRead: () => undefined,
  });
});
afterEach(() => announcer.stop());

const names = (count: number) => Array.from({ length: count }, (_, index) => `t${String(index).padStart(3, '0')}`);
/** Devices with the job, which they were told of. */
async function offered(things: readonly string[]): Promise<void> {
  jobs.release(JOB, things, Date.now());
  announcer.start();
  await eventually(() => expect(told).toHaveLength(2 * things.length));
  told.length = 0;
}
const looksOnce = async () => {
  const before = looks;
  await eventually(() => {
    announcer.look();
    expect(looks).toBeGreaterThan(before + 1);
  });
};
const toldEmpty = () =>
  told.flatMap((notice) =>
    notice.topic === 'notify-next' && !('jobId' in notice.payload.execution) ? notice.thing : [],
  );

describe('devices whose queued job is taken back', () => {
  it('hear that nothing is left: the list and the next job', async () => {
    await offered(['a']);
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    await eventually(() => expect(told.map(({ topic }) => topic)).toEqual(['notify', 'notify-next']));
    expect(told.map(({ thing, payload }) => ({ thing, payload }))).toMatchObject([
      { thing: 'a', payload: { jobs: {} } },
      { thing: 'a', payload: { execution: {} } },
    ]);
    expect(toldEmpty()).toEqual(['a']);
    expect(announcer.inFlight).toBe(0);
  });

  it('hear what comes next instead', async () => {
    await offered(['a']);
    jobs.release(OTHER, ['a'], Date.now());
    await looksOnce();
    told.length = 0;
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    await eventually(() => expect(told).toHaveLength(2));
    expect(told[1]?.payload).toMatchObject({ execution: { jobId: jobInfo(OTHER).jobId } });
  });

  it('hear it once, however often the job is said to have changed', async () => {
    await offered(['a', 'b']);
    await jobs.applyBatch(0, [startNext({ thing: 'b' })], Date.now());
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    await eventually(() => expect(toldEmpty()).toEqual(['a']));
    const { searches } = jobs;
    announcer.look(JOB);
    await looksOnce();
    await looksOnce();
    expect(toldEmpty()).toEqual(['a']);
    expect(jobs.searches).toBe(searches);
  });

  it('hear that their job is held, that it is open again, and that it is held again', async () => {
    await offered(['a']);
    const nextJobs = () =>
      told.flatMap((notice) => (notice.topic === 'notify-next' ? 'jobId' in notice.payload.execution : []));
    for (const [status, expected] of [
      ['held', [false]],
      ['open', [false, true]],
      ['held', [false, true, false]],
    ] as const) {
      jobs.setJobStatus(JOB, status);
      announcer.look(JOB);
      await eventually(() => expect(nextJobs()).toEqual(expected));
      await looksOnce();
    }
  });

  it('hear it as well in the middle of a cancelled job', async () => {
    await offered(['a', 'b']);
    await jobs.applyBatch(0, [startNext({ thing: 'a' }), startNext({ thing: 'b' })], Date.now());
    await jobs.applyBatch(0, [{ kind: 'expire', thing: 'b', jobId: jobInfo(JOB).jobId }], Infinity);
    jobs.setJobStatus(JOB, 'cancelled');
    announcer.look(JOB);
    await eventually(() => expect(toldEmpty()).toEqual(['a']));
  });
});

describe('withdrawals', () => {
  it('of many devices are told in pages, each device once', async () => {
    const things = names(450);
    await offered(things);
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    await eventually(() => expect(toldEmpty()).toHaveLength(450));
    await looksOnce();
    expect(toldEmpty()).toEqual(things);
    expect(jobs.searches).toBe(3);
  });

  it('wait while as many requests wait for their answers', async () => {
    await offered(['a']);
    backlog = 1_000;
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    await looksOnce();
    expect(told).toEqual([]);
    backlog = 0;
    await eventually(() => expect(toldEmpty()).toEqual(['a']));
  });

  it('that are said while the broker is away are told when it is back', async () => {
    await offered(['a']);
    await announcer.stop();
    jobs.withdraw(JOB, Date.now());
    announcer.look(JOB);
    announcer.start();
    await eventually(() => expect(toldEmpty()).toEqual(['a']));
  });

  it('are told all the same when the store failed in the middle', async () => {
    await offered(names(3));
    jobs.withdraw(JOB, Date.now());
    jobs.failures = 1;
    announcer.look(JOB);
    await eventually(() => expect(toldEmpty()).toEqual(names(3)));
    expect(errors).toHaveLength(1);
  });

  it('are not looked for in a job that was only released to more devices', async () => {
    await offered(['a']);
    jobs.release(JOB, ['b'], Date.now());
    announcer.look(JOB);
    await eventually(() => expect(told.map(({ thing }) => thing)).toContain('b'));
    await looksOnce();
    expect(jobs.searches).toBe(0);
  });
});
