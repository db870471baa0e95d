import { describe, expect, it } from 'vitest';
import { decide } from '#domain/fleet/job-execution-decide.ts';
import { occasionNotices } from '#domain/fleet/job-execution-decision.ts';
import { STAGE, STATUS } from '#domain/fleet/job-execution.ts';
import { fnv1a, shardOf } from '#domain/fleet/shard.ts';
import {
  describeJob,
  execution,
  getPending,
  NOW_MS,
  running,
  shadow,
  stateOf,
} from '../../support/gateway/executions.ts';

const both = stateOf([execution({ jobSeq: 1 }), running({ jobSeq: 2 })]);

describe('get', () => {
  it('lists what is in progress and what is queued, in seconds', () => {
    const summary = { queuedAt: NOW_MS / 1000, lastUpdatedAt: NOW_MS / 1000, executionNumber: 1 };
    expect(decide(both, getPending(), NOW_MS).answer).toEqual({
      kind: 'accepted',
      body: {
        inProgressJobs: [{ ...summary, jobId: 'exe_test-w2', startedAt: NOW_MS / 1000, versionNumber: 2 }],
        queuedJobs: [{ ...summary, jobId: 'exe_test-w1', versionNumber: 1 }],
        timestamp: NOW_MS / 1000,
        clientToken: 'get-1',
      },
    });
  });
});

describe('describe', () => {
  it('$next is what start-next would hand out, and changes nothing', () => {
    const { changes, answer } = decide(both, describeJob(), NOW_MS);
    expect(changes).toEqual([]);
    expect(answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w2', thingName: 'pump-1', jobDocument: {} } },
    });
  });

  it('$next of a thing without pending jobs is no error', () => {
    expect(decide(stateOf([]), describeJob(), NOW_MS).answer).toMatchObject({ kind: 'accepted' });
  });

  it('leaves the document out when asked to, and echoes no token when none came', () => {
    const request = describeJob({ jobId: 'exe_test-w1', includeJobDocument: false, clientToken: null });
    const { answer } = decide(both, request, NOW_MS);
    expect(answer).not.toHaveProperty('body.execution.jobDocument');
    expect(answer).not.toHaveProperty('body.clientToken');
  });

  it('shows an ended execution by its id', () => {
    const ended = stateOf([execution({ status: STATUS.succeeded })]);
    expect(decide(ended, describeJob({ jobId: 'exe_test-w1' }), NOW_MS).answer).toMatchObject({
      body: { execution: { status: 'SUCCEEDED' } },
    });
  });

  it.each([describeJob({ jobId: 'none' }), describeJob({ executionNumber: 5 })])(
    'knows no such execution: %o',
    (request) => {
      expect(decide(both, request, NOW_MS).answer).toMatchObject({ body: { code: 'ResourceNotFound' } });
    },
  );
});

describe('shadow report', () => {
  it('is answered only to who sent a token', () => {
    expect(decide(stateOf([]), shadow('1.0.0'), NOW_MS).answer).toEqual({ kind: 'none' });
    expect(decide(stateOf([]), shadow('1.0.0', { clientToken: 't' }), NOW_MS).answer).toMatchObject({
      kind: 'accepted',
      body: { clientToken: 't' },
    });
  });

  it('says which firmware is present while no job is in progress', () => {
    const present = (executions: Parameters<typeof stateOf>[0], firmware: string | null = '0.9.0') =>
      decide(stateOf(executions), shadow(firmware), NOW_MS).presentFirmware;
    expect(present([])).toBe('0.9.0');
    expect(present([execution(), execution({ jobSeq: 2, status: STATUS.failed })])).toBe('0.9.0');
    expect(present([execution(), running({ jobSeq: 2 })])).toBeNull();
    expect(present([running({}, {}, 'cancelled')])).toBeNull();
    expect(present([], null)).toBeNull();
  });

  it('says it as well when it ends the last job in progress, whichever way', () => {
    const claimed = running({ stage: STAGE.claimed }, { confirm: 'reported' });
    for (const firmware of ['1.1.0', '0.9.0']) {
      expect(decide(stateOf([claimed]), shadow(firmware), NOW_MS).presentFirmware).toBe(firmware);
    }
    expect(decide(stateOf([claimed]), getPending(), NOW_MS).presentFirmware).toBeNull();
  });
});

describe('an execution in progress of a cancelled job', () => {
  const cancelled = stateOf([running({ jobSeq: 1 }, {}, 'cancelled'), execution({ jobSeq: 2 })]);

  it('is not what the device is to do next, and is not listed', () => {
    expect(decide(cancelled, describeJob(), NOW_MS).answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w2' } },
    });
    expect(decide(cancelled, getPending(), NOW_MS).answer).toMatchObject({
      body: { inProgressJobs: [], queuedJobs: [{ jobId: 'exe_test-w2' }] },
    });
    const [list, next] = occasionNotices(cancelled, 'withdrawal', NOW_MS);
    expect(list?.payload).toMatchObject({ jobs: { QUEUED: [{ jobId: 'exe_test-w2' }] } });
    expect(list?.payload).not.toHaveProperty('jobs.IN_PROGRESS');
    expect(next?.payload).toMatchObject({ execution: { jobId: 'exe_test-w2' } });
  });

  it('is still shown by its id', () => {
    expect(decide(cancelled, describeJob({ jobId: 'exe_test-w1' }), NOW_MS).answer).toMatchObject({
      body: { execution: { jobId: 'exe_test-w1', status: 'IN_PROGRESS' } },
    });
  });
});

describe('notices of a release', () => {
  const topics = (state: Parameters<typeof occasionNotices>[0]) =>
    occasionNotices(state, 'release', NOW_MS).map(({ topic }) => topic);

  it('tell the list, and the next job only when it can begin', () => {
    expect(topics(stateOf([execution()]))).toEqual(['notify', 'notify-next']);
    expect(topics(both)).toEqual(['notify']);
    expect(topics(stateOf([execution({}, {}, 'held')]))).toEqual([]);
  });
});

describe('notices of a withdrawal', () => {
  it('tell that nothing is left', () => {
    const held = stateOf([execution({}, {}, 'held')]);
    expect(occasionNotices(held, 'withdrawal', NOW_MS).map(({ topic, payload }) => [topic, payload])).toEqual([
      ['notify', { timestamp: NOW_MS / 1000, jobs: {} }],
      ['notify-next', { timestamp: NOW_MS / 1000, execution: {} }],
    ]);
  });

  it('tell what comes next instead, and only the list in the middle of another job', () => {
    const queued = stateOf([execution({ jobSeq: 1, status: STATUS.canceled }), execution({ jobSeq: 2 })]);
    const [, next] = occasionNotices(queued, 'withdrawal', NOW_MS);
    expect(next?.payload).toMatchObject({ execution: { jobId: 'exe_test-w2', status: 'QUEUED' } });
    expect(occasionNotices(both, 'withdrawal', NOW_MS).map(({ topic }) => topic)).toEqual(['notify']);
  });
});

describe('shard', () => {
  it('is FNV-1a, the same in every process', () => {
    expect(fnv1a('')).toBe(0x811c9dc5);
    expect(fnv1a('foobar')).toBe(0xbf9cf968);
    expect(shardOf('anything')).toBe(0);
    expect(shardOf('foobar', 7)).toBe(0xbf9cf968 % 7);
  });
});
