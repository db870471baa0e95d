import { MemoryJobStore } from '../support/fakes/memory-job-store.ts';
import { jobInfo } from '../support/gateway/executions.ts';
import { jobStoreConformance } from './job-store.suite.ts';

jobStoreConformance('in memory', async () => {
  const store = new MemoryJobStore();
  let jobs = 0;
  const existing = <T>(value: T | null | undefined): T => {
    if (value === null || value === undefined) throw new Error('not there');
    return value;
  };
  return {
    store,
    async addDevice(thing, firmware) {
      store.devices.set(thing, { firmware, reported: null, lastSeenMs: null });
    },
    async addJob(changed) {
      jobs += 1;
      const job = jobInfo(jobs, changed);
      store.addJob(job);
      return job;
    },
    setJobStatus: async (job, status) => store.setJobStatus(job.seq, status),
    release: async (job, things) => store.release(job.seq, things, Date.now()),
    withdraw: async (job) => store.withdraw(job.seq, Date.now()),
    row: async (thing, job) => existing(store.row(thing, job.seq)),
    counts: async (job) => store.counts(job.seq),
    events: async (job) =>
      store.events.filter(({ jobSeq }) => jobSeq === job.seq).map(({ thing, details }) => ({ thing, details })),
    async device(thing) {
      const { firmware, reported, lastSeenMs } = existing(store.devices.get(thing));
      return { firmware, reported: reported?.firmware ?? null, lastSeenMs };
    },
    refusals: async () => store.refusals,
    close: async () => undefined,
  };
});
