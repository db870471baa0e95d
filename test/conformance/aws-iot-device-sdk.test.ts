import { once } from 'node:events';
import { iotjobs, type mqtt_request_response } from 'aws-iot-device-sdk-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devicePassword } from '../../activities/adapters/mqtt/credentials.ts';
import { eventually } from '../support/eventually.ts';
import { awsDeviceMqtt311, awsDeviceMqtt5, type AwsDevice } from '../support/gateway/aws-devices.ts';
import { addJob, counts, release } from '../support/gateway/database-fleet.ts';
import { GatewayBed } from '../support/gateway/gateway-bed.ts';

let bed: GatewayBed;
beforeAll(async () => {
  bed = await GatewayBed.open();
  bed.startGateway();
  await bed.register(['aws-311', 'aws-5', 'victim']);
});
afterAll(() => bed.close());

const { IN_PROGRESS, SUCCEEDED, FAILED } = iotjobs.model.JobStatus;

/** The modelled error of a request that has to fail. */
async function refusal(request: Promise<unknown>): Promise<iotjobs.model.RejectedErrorResponse> {
  const error = await request.then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown as mqtt_request_response.ServiceError,
  );
  if (!('modeledError' in error)) throw error;
  return error.modeledError as iotjobs.model.RejectedErrorResponse;
}

describe.each([
  ['MQTT 3.1.1', 'aws-311', awsDeviceMqtt311],
  ['MQTT 5', 'aws-5', awsDeviceMqtt5],
] as const)('the unmodified AWS SDK over %s', (_protocol, thing, connect) => {
  let device: AwsDevice;
  beforeAll(async () => {
    device = await connect({ port: bed.settings.ports.mqtt, thing, password: devicePassword(bed.key, thing) });
  });
  afterAll(() => device.close());

  it('does the whole cycle', async () => {
    const { jobs } = device;
    const changed = jobs.createNextJobExecutionChangedStream({ thingName: thing });
    const subscribed = once(changed, 'subscriptionStatus');
    const announced = once(changed, 'incomingPublish');
    changed.open();
    await subscribed;

    const job = await addJob(bed.pool);
    await release(bed.pool, job, [thing]);
    const [{ message }] = (await announced) as [{ message: iotjobs.model.NextJobExecutionChangedEvent }];
    expect(message.execution).toMatchObject({ jobId: job.jobId, status: 'QUEUED', jobDocument: job.document });

    const pending = await jobs.getPendingJobExecutions({ thingName: thing });
    expect(pending.queuedJobs).toMatchObject([{ jobId: job.jobId, versionNumber: 1 }]);
    const next = await jobs.describeJobExecution({ thingName: thing, jobId: '$next' });
    expect(next.execution).toMatchObject({ jobId: job.jobId, status: 'QUEUED', jobDocument: job.document });

    const started = await jobs.startNextPendingJobExecution({
      thingName: thing,
      statusDetails: { step: 'downloading' },
    });
    expect(started.execution).toMatchObject({ jobId: job.jobId, status: 'IN_PROGRESS', versionNumber: 2 });
    // Seconds, although the SDK declares dates and AWS's examples show milliseconds.
    expect(Math.abs(Number(started.execution?.startedAt) - Date.now() / 1000)).toBeLessThan(60);

    const at = { thingName: thing, jobId: job.jobId };
    const stale = await refusal(jobs.updateJobExecution({ ...at, status: FAILED, expectedVersion: 9 }));
    expect(stale).toMatchObject({
      code: 'VersionMismatch',
      executionState: { status: 'IN_PROGRESS', versionNumber: 2, statusDetails: { step: 'downloading' } },
    });
    const progress = await jobs.updateJobExecution({
      ...at,
      status: IN_PROGRESS,
      statusDetails: { step: 'installing' },
      expectedVersion: 2,
      stepTimeoutInMinutes: 5,
      includeJobExecutionState: true,
      includeJobDocument: true,
    });
    expect(progress.executionState).toMatchObject({ status: 'IN_PROGRESS', versionNumber: 3 });
    expect(progress.jobDocument).toEqual(job.document);

    const drained = once(changed, 'incomingPublish');
    await jobs.updateJobExecution({ ...at, status: SUCCEEDED, expectedVersion: 3 });
    const [last] = (await drained) as [{ message: iotjobs.model.NextJobExecutionChangedEvent }];
    expect(last.message.execution?.jobId).toBeUndefined();
    changed.close();

    expect(await refusal(jobs.updateJobExecution({ ...at, status: FAILED }))).toMatchObject({
      code: 'InvalidStateTransition',
      executionState: { status: 'SUCCEEDED' },
    });
    expect((await jobs.startNextPendingJobExecution({ thingName: thing })).execution).toBeUndefined();
    expect(await counts(bed.pool, job)).toEqual([0, 0, 1, 0, 0, 0, 0]);
  });

  it('gets the protocol’s errors for what is wrong', async () => {
    const unknown = { thingName: thing, jobId: 'exe_none-w1' };
    expect(await refusal(device.jobs.describeJobExecution(unknown))).toMatchObject({ code: 'ResourceNotFound' });
    const badTimer = { ...unknown, status: IN_PROGRESS, stepTimeoutInMinutes: 99_999 };
    expect(await refusal(device.jobs.updateJobExecution(badTimer))).toMatchObject({ code: 'InvalidRequest' });
  });
});

it('a device with the AWS SDK cannot touch another one’s jobs', async () => {
  const options = { port: bed.settings.ports.mqtt, thing: 'aws-5', password: devicePassword(bed.key, 'aws-5') };
  const { jobs, close } = await awsDeviceMqtt5({ ...options, operationTimeoutInSeconds: 5 });
  // Some brokers end the connection of who publishes what it may not: its own request may have to wait for the next one.
  const ownPending = () => eventually(() => jobs.getPendingJobExecutions({ thingName: 'aws-5' }));
  const victim = await bed.device('victim');
  const overheard: unknown[] = [];
  const next = jobs.createNextJobExecutionChangedStream({ thingName: 'victim' });
  next.on('incomingPublish', (event) => overheard.push(event));
  const list = jobs.createJobExecutionsChangedStream({ thingName: 'victim' });
  list.on('incomingPublish', (event) => overheard.push(event));
  for (const stream of [next, list]) {
    const subscribed = once(stream, 'subscriptionStatus');
    stream.open();
    await subscribed;
  }

  const job = await addJob(bed.pool);
  await release(bed.pool, job, ['victim']);
  await victim.notice('notify-next');
  await ownPending();
  expect(overheard).toEqual([]);

  const stolen = await Promise.allSettled([
    jobs.startNextPendingJobExecution({ thingName: 'victim' }),
    jobs.getPendingJobExecutions({ thingName: 'victim' }),
    jobs.updateJobExecution({ thingName: 'victim', jobId: job.jobId, status: FAILED }),
  ]);
  expect(stolen.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  // The broker passes messages on in their order: had it let those pass, they would be answered before this one.
  expect(await ownPending()).toMatchObject({ inProgressJobs: [], queuedJobs: [] });
  expect(victim.received.filter(({ topic }) => /(accepted|rejected)$/.test(topic))).toEqual([]);
  expect(await counts(bed.pool, job)).toEqual([1, 0, 0, 0, 0, 0, 0]);
  expect((await victim.ask('start-next')).body).toMatchObject({ execution: { jobId: job.jobId, versionNumber: 2 } });
  expect((await victim.ask(`${job.jobId}/update`, { status: 'SUCCEEDED' })).topic).toMatch(/accepted$/);
  await ownPending();
  expect(overheard).toEqual([]);
  for (const stream of [next, list]) stream.close();
  await close();
});
