import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { installedVersion } from '#domain/fleet/job-execution-decision.ts';
import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { STAGE, STATUS } from '#domain/fleet/job-execution.ts';
import { jobInfo, MINUTE_MS, NOW_MS, running, stateOf, update } from '../../support/gateway/executions.ts';

const LATER_MS = NOW_MS + MINUTE_MS;
const stageJob: Partial<JobInfo> = {
  confirm: 'reported',
  document: { ...jobInfo(1).document, operation: 'firmware.stage' },
};
/** What a device says that staged 1.1.0 and runs on. */
const done = update({ status: 'SUCCEEDED', statusDetails: { step: 'installing', firmware: '1.0.0' } });
const report = { kind: 'shadow-report', thing: 'pump-1', firmware: '1.0.0', clientToken: null } as const;

describe('a job that only stages', () => {
  it('succeeds by the word of a device that runs on as before, with nothing to prove', () => {
    const { changes, answer } = decide(stateOf([running({}, stageJob)]), done, LATER_MS);
    expect(changes[0]?.after).toMatchObject({ status: STATUS.succeeded });
    expect(answer.kind).toBe('accepted');
    expect(changes[0] && installedVersion(changes[0])).toBeNull();
  });

  it('leaves no device on the version when it was cancelled before', () => {
    const { changes } = decide(stateOf([running({}, stageJob, 'cancelled')]), done, LATER_MS);
    expect(changes[0]?.after).toMatchObject({
      status: STATUS.canceled,
      refusedSuccess: false,
      cancelAcknowledged: true,
    });
    expect(changes[0] && installedVersion(changes[0])).toBeNull();
  });

  it('is not failed by a report of the version that the device runs, which is what it runs', () => {
    const booted = running({ stage: STAGE.booted }, stageJob);
    const { changes, presentFirmware } = decide(stateOf([booted]), report, LATER_MS);
    expect(changes).toEqual([]);
    expect(presentFirmware).toBe('1.0.0');
  });

  it('times out for its own reason, not because the old version runs', () => {
    const late = running({ stage: STAGE.rebooting, deadlineAtMs: LATER_MS }, stageJob);
    const state = stateOf([late], { firmware: '1.0.0', atMs: LATER_MS });
    const { changes } = decide(state, { kind: 'expire', thing: 'pump-1', jobId: late.job.jobId }, LATER_MS);
    expect(changes[0]?.after.status).toBe(STATUS.timedOut);
  });
});
