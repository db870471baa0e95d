import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobInfo } from '#domain/fleet/job-execution.ts';
import { inTransaction } from '../../../activities/adapters/postgres/pool.ts';
import { supersede } from '../../../activities/adapters/postgres/supersede.ts';
import { withdrawQueued } from '../../../activities/adapters/postgres/withdrawals.ts';
import { eventually } from '../../support/eventually.ts';
import { addJob, countedRows, counts, release, setJobStatus } from '../../support/gateway/database-fleet.ts';
import { GatewayBed } from '../../support/gateway/gateway-bed.ts';
import type { DeviceMessage, TestDevice } from '../../support/gateway/test-device.ts';

let bed: GatewayBed;
let device: TestDevice;
let job: JobInfo;
let thing = '';
let devices = 0;

beforeAll(async () => {
  bed = await GatewayBed.open();
  bed.startGateway();
});
afterAll(() => bed.close());
beforeEach(async () => {
  devices += 1;
  thing = `pump-${devices}`;
  await bed.register([thing]);
  device = await bed.device(thing);
  job = await addJob(bed.pool);
});

describe('a device', () => {
  it('hears of its job, does it, and hears that nothing is left', async () => {
    await release(bed.pool, job, [thing]);
    expect((await device.notice('notify')).body).toMatchObject({ jobs: { QUEUED: [{ jobId: job.jobId }] } });
    const offer = await device.notice('notify-next');
    expect(offer.body['timestamp']).toBeLessThan(Date.now() / 1000 + 1);
    expect(offer.body).toMatchObject({
      execution: { jobId: job.jobId, status: 'QUEUED', thingName: thing, versionNumber: 1 },
    });

    const started = await device.ask('start-next', { statusDetails: { step: 'downloading' } });
    expect(started).toMatchObject({
      topic: `$aws/things/${thing}/jobs/start-next/accepted`,
      body: { execution: { jobId: job.jobId, status: 'IN_PROGRESS', versionNumber: 2, jobDocument: job.document } },
    });
    const installing = { status: 'IN_PROGRESS', statusDetails: { step: 'installing' }, expectedVersion: 2 };
    const installed = await device.ask(`${job.jobId}/update`, { ...installing, includeJobExecutionState: true });
    expect(installed.body).toMatchObject({ executionState: { status: 'IN_PROGRESS', versionNumber: 3 } });
    const heard = device.received.length;
    const done = await device.ask(`${job.jobId}/update`, { status: 'SUCCEEDED', expectedVersion: 3 });
    expect(done.topic).toMatch(/accepted$/);
    expect((await device.notice('notify-next', heard)).body).toMatchObject({ execution: {} });
    expect(await counts(bed.pool, job)).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  it('sees its pending jobs without beginning one', async () => {
    await release(bed.pool, job, [thing]);
    expect((await device.ask('get')).body).toMatchObject({ inProgressJobs: [], queuedJobs: [{ jobId: job.jobId }] });
    expect((await device.ask('$next/get')).body).toMatchObject({ execution: { status: 'QUEUED' } });
    const brief = await device.ask(`${job.jobId}/get`, { includeJobDocument: false });
    expect(brief.body['execution']).not.toHaveProperty('jobDocument');
    expect((await device.ask('exe_no-w1/get')).body).toMatchObject({ code: 'ResourceNotFound' });
  });

  it('gets the same answer to a repeated token, and one report is counted', async () => {
    await release(bed.pool, job, [thing]);
    await device.ask('start-next');
    const body = { status: 'SUCCEEDED', clientToken: 'once' };
    const topic = `$aws/things/${thing}/jobs/${job.jobId}/update`;
    const payload = JSON.stringify(body);
    for (let time = 0; time < 5; time += 1) await device.client.publishAsync(topic, payload, { qos: 1 });
    await eventually(() =>
      expect(device.received.filter((message) => message.topic === `${topic}/accepted`)).toHaveLength(5),
    );
    expect(await counts(bed.pool, job)).toEqual(await countedRows(bed.pool, job));
    const { rows } = await bed.pool.query('select version_number from job_executions where job_seq = $1', [job.seq]);
    expect(rows).toEqual([{ version_number: 3 }]);
  });

  it('is told the present state when its version is stale', async () => {
    await release(bed.pool, job, [thing]);
    await device.ask('start-next');
    const { topic, body } = await device.ask(`${job.jobId}/update`, { status: 'SUCCEEDED', expectedVersion: 7 });
    expect(topic).toMatch(/rejected$/);
    expect(body).toMatchObject({
      code: 'VersionMismatch',
      executionState: { status: 'IN_PROGRESS', versionNumber: 2 },
    });
  });

  it('has its shadow report answered and noted', async () => {
    const payload = JSON.stringify({ state: { reported: { firmware: '1.0.5', other: [1] } }, clientToken: 's' });
    const { topic } = await device.askOn(`$aws/things/${thing}/shadow/update`, payload);
    expect(topic).toBe(`$aws/things/${thing}/shadow/update/accepted`);
    const { rows } = await bed.pool.query('select reported_firmware from devices where thing = $1', [thing]);
    expect(rows).toEqual([{ reported_firmware: '1.0.5' }]);
  });

  it('times out when it never ends what it began', async () => {
    const quick = await addJob(bed.pool, { inProgressTimeoutMs: 300 });
    await release(bed.pool, quick, [thing]);
    const heard = device.received.length;
    await device.ask('start-next');
    const isEmpty = ({ topic, body }: DeviceMessage) =>
      topic.endsWith('/notify') && JSON.stringify(body['jobs']) === '{}';
    await device.until(isEmpty, heard);
    const late = await device.ask(`${quick.jobId}/update`, { status: 'SUCCEEDED' });
    expect(late.body).toMatchObject({ code: 'InvalidStateTransition', executionState: { status: 'TIMED_OUT' } });
  });

  it('hears of what was held when it is opened again', async () => {
    await bed.pool.query(`update jobs set status = 'held' where seq = $1`, [job.seq]);
    await release(bed.pool, job, [thing]);
    expect((await device.ask('start-next')).body).not.toHaveProperty('execution');
    const isOffer = ({ topic, body }: DeviceMessage) =>
      topic.endsWith('/notify-next') && JSON.stringify(body['execution']).includes(job.jobId);
    expect(device.received.filter(isOffer)).toEqual([]);
    await bed.pool.query(`update jobs set status = 'open' where seq = $1`, [job.seq]);
    await bed.pool.query('notify job_release');
    expect((await device.until(isOffer)).body).toMatchObject({ execution: { status: 'QUEUED' } });
  });
});

describe('a device is told at once', () => {
  const isEmpty = ({ topic, body }: DeviceMessage) =>
    topic.endsWith('/notify-next') && JSON.stringify(body['execution']) === '{}';
  /** The device with the job in its queue, and the number of messages that it has got until then. */
  async function offered(): Promise<number> {
    await release(bed.pool, job, [thing]);
    await device.notice('notify-next');
    return device.received.length;
  }

  it('that its queued job was withdrawn', async () => {
    const heard = await offered();
    await withdrawQueued(bed.pool, job.seq, '');
    const { body } = await device.until(isEmpty, heard);
    expect(body).toMatchObject({ execution: {} });
    expect((await device.notice('notify', heard)).body).toMatchObject({ jobs: {} });
    expect((await device.ask('start-next')).body).not.toHaveProperty('execution');
  });

  it('that its queued job is held, and that it is offered again', async () => {
    const heard = await offered();
    await setJobStatus(bed.pool, job, 'held');
    await device.until(isEmpty, heard);
    const heldAt = device.received.length;
    await setJobStatus(bed.pool, job, 'open');
    expect((await device.notice('notify-next', heldAt)).body).toMatchObject({ execution: { jobId: job.jobId } });
  });

  it('that another job takes the place of the queued one', async () => {
    const heard = await offered();
    const newer = await addJob(bed.pool, { version: '1.2.0' });
    await bed.pool.query(`update jobs set run_id = 'exe_newer' where seq = $1`, [newer.seq]);
    await inTransaction(bed.pool, (open) => supersede(open, 'exe_newer', [thing]));
    await device.until(isEmpty, heard);
    const superseded = device.received.length;
    await release(bed.pool, newer, [thing]);
    expect((await device.notice('notify-next', superseded)).body).toMatchObject({
      execution: { jobId: newer.jobId },
    });
  });

  it('that the job in progress was cancelled, and what comes next', async () => {
    await release(bed.pool, job, [thing]);
    await device.ask('start-next');
    const heard = device.received.length;
    await setJobStatus(bed.pool, job, 'cancelled');
    await device.until(isEmpty, heard);
    const withdrawnAt = device.received.length;
    const back = await addJob(bed.pool, { version: '1.0.0' });
    await release(bed.pool, back, [thing]);
    expect((await device.notice('notify-next', withdrawnAt)).body).toMatchObject({ execution: { jobId: back.jobId } });
    const { body } = await device.ask('start-next');
    expect(body).toMatchObject({ execution: { jobId: back.jobId, status: 'IN_PROGRESS' } });
    expect(await counts(bed.pool, job)).toEqual([0, 0, 0, 0, 0, 0, 1]);
  });
});

describe('bad input', () => {
  const jobs = () => `$aws/things/${thing}/jobs`;

  it.each([
    ['no JSON', 'start-next', '{"clientToken":', 'InvalidJson'],
    ['no object', 'get', '[1]', 'InvalidRequest'],
    ['a wrong type', 'exe_a-w1/update', '{"status":"IN_PROGRESS","expectedVersion":"2"}', 'InvalidRequest'],
    ['a status that devices may not set', 'exe_a-w1/update', '{"status":"CANCELED"}', 'InvalidRequest'],
    ['details that are no texts', 'exe_a-w1/update', '{"status":"FAILED","statusDetails":{"a":1}}', 'InvalidRequest'],
    ['control characters', 'exe_a-w1/update', '{"status":"FAILED","statusDetails":{"a":"\\u0000"}}', 'InvalidRequest'],
    ['half a character', 'exe_a-w1/update', '{"status":"FAILED","statusDetails":{"a":"\\ud800"}}', 'InvalidRequest'],
    ['a step time-out of no minutes', 'start-next', '{"stepTimeoutInMinutes":0}', 'InvalidRequest'],
    ['a job id that none can have', 'no such!/update', '{"status":"FAILED"}', 'InvalidTopic'],
    ['$next where a job must be named', '$next/update', '{"status":"FAILED"}', 'InvalidTopic'],
    ['too much', 'get', JSON.stringify({ clientToken: 'x', filler: 'y'.repeat(140_000) }), 'InvalidRequest'],
  ])('%s is refused on the request’s own topic, and the gateway goes on', async (_what, rest, payload, code) => {
    const { topic, body } = await device.askOn(`${jobs()}/${rest}`, payload);
    expect(topic).toBe(`${jobs()}/${rest}/rejected`);
    expect(body).toMatchObject({ code });
    expect((await device.ask('get')).body).toHaveProperty('queuedJobs');
  });

  it('echoes the token of a request with other faults', async () => {
    const { body } = await device.ask(`${job.jobId}/update`, { status: 'DANCING', clientToken: 'mine' });
    expect(body).toMatchObject({ code: 'InvalidRequest', clientToken: 'mine' });
  });

  it('is counted by code', async () => {
    // More of each than all other tests here send together.
    const faulty = [
      ['InvalidJson', 'get', '{', 40],
      ['InvalidTopic', '$next/update', '{}', 50],
      ['InvalidRequest', 'get', '[]', 60],
    ] as const;
    for (const [, rest, payload, times] of faulty) {
      const topic = `${jobs()}/${rest}`;
      for (let time = 0; time < times; time += 1) await device.client.publishAsync(topic, payload, { qos: 1 });
    }
    await eventually(async () => {
      const { rows } = await bed.pool.query<{ code: string; count: string }>(
        'select code, count from gateway_refusals',
      );
      const counted = new Map(rows.map(({ code, count }) => [code, Number(count)]));
      for (const [code, , , times] of faulty) expect(counted.get(code)).toBeGreaterThanOrEqual(times);
    });
  });

  it('answers a bad shadow with a number, as AWS does', async () => {
    const { topic, body } = await device.askOn(
      `$aws/things/${thing}/shadow/update`,
      '{"state":{"reported":{"firmware":5}}}',
    );
    expect(topic).toMatch(/shadow\/update\/rejected$/);
    expect(body).toMatchObject({ code: 400 });
  });
});
