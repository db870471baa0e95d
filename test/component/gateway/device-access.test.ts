import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { addJob, release } from '../../support/gateway/database-fleet.ts';
import { GatewayBed } from '../../support/gateway/gateway-bed.ts';
import { eventually } from '../../support/eventually.ts';

const COLONS = 'site:a-1';

let bed: GatewayBed;
beforeAll(async () => {
  bed = await GatewayBed.open();
  bed.startGateway();
  await bed.register(['mine', 'other', COLONS, 'site:a-2']);
});
afterAll(() => bed.close());

const statusOf = async (thing: string): Promise<number | undefined> => {
  const { rows } = await bed.pool.query<{ status: number }>('select status from job_executions where thing = $1', [
    thing,
  ]);
  return rows[0]?.status;
};

describe('a device', () => {
  it('cannot ask for another one, hear it, answer for the gateway, or notify anybody', async () => {
    const job = await addJob(bed.pool);
    await release(bed.pool, job, ['other']);
    const all = ['#', '$aws/#', '$aws/things/+/jobs/#', '$aws/things/other/#', '$aws/things/mine/#'];
    const mine = await bed.device('mine', all);
    const other = await bed.device('other');
    const forged: [string, string][] = [
      ['$aws/things/other/jobs/start-next', '{}'],
      [`$aws/things/other/jobs/${job.jobId}/update`, '{"status":"FAILED"}'],
      ['$aws/things/other/jobs/notify-next', '{"execution":{"jobId":"forged"}}'],
      ['$aws/things/mine/jobs/notify-next', '{"execution":{"jobId":"forged"}}'],
      ['$aws/things/mine/jobs/start-next/accepted', '{"execution":{"jobId":"forged"}}'],
      ['$aws/things/other/shadow/update', '{"state":{"reported":{"firmware":"9.9.9"}}}'],
    ];
    for (const [topic, payload] of forged) await mine.client.publishAsync(topic, payload, { qos: 1 });
    // Whatever was to come of them has come before the answers to these.
    await mine.ask('get');
    expect((await other.ask('start-next')).body).toMatchObject({ execution: { jobId: job.jobId, versionNumber: 2 } });
    expect(await statusOf('other')).toBe(1);
    expect(mine.received.filter(({ topic }) => !topic.startsWith('$aws/things/mine/jobs/get'))).toEqual([]);
    expect(JSON.stringify(other.received)).not.toContain('forged');
    const { rows } = await bed.pool.query(`select reported_firmware from devices where thing = 'other'`);
    expect(rows).toEqual([{ reported_firmware: null }]);
  });

  it('with colons in its name does its job, and has no more rights than others', async () => {
    const job = await addJob(bed.pool);
    await release(bed.pool, job, [COLONS, 'site:a-2']);
    const own = `$aws/things/${COLONS}`;
    const all = ['#', '$aws/things/+/jobs/#', '$aws/things/site:a-2/#', '$aws/things/site=a-1/#', `${own}/#`];
    const mine = await bed.device(COLONS, all);
    const forged: [string, string][] = [
      ['$aws/things/site:a-2/jobs/start-next', '{}'],
      ['$aws/things/site=a-2/jobs/start-next', '{}'],
      [`${own}/jobs/notify-next`, '{"execution":{"jobId":"forged"}}'],
      [`${own}/jobs/start-next/accepted`, '{"execution":{"jobId":"forged"}}'],
    ];
    for (const [topic, payload] of forged) await mine.client.publishAsync(topic, payload, { qos: 1 });
    const other = await bed.device('site:a-2');
    await other.ask('get');
    expect((await mine.ask('start-next')).body).toMatchObject({ execution: { jobId: job.jobId, versionNumber: 2 } });
    expect((await other.ask('start-next')).body).toMatchObject({ execution: { jobId: job.jobId, versionNumber: 2 } });
    expect((await mine.ask(`${job.jobId}/update`, { status: 'SUCCEEDED' })).topic).toMatch(/accepted$/);
    expect(await statusOf(COLONS)).toBe(2);
    expect(mine.received.filter(({ topic }) => !topic.startsWith(`${own}/jobs/`))).toEqual([]);
    expect(JSON.stringify([...mine.received, ...other.received])).not.toContain('forged');
  });

  it('cannot connect with another one’s password, or with none', async () => {
    const connect = (options: object) =>
      connectAsync(bed.settings.mqttUrl, { reconnectPeriod: 0, connectTimeout: 3_000, ...options });
    const password = devicePassword(bed.key, 'mine');
    await expect(connect({ username: 'other', clientId: 'other', password })).rejects.toThrow(/not authorized/i);
    await expect(connect({ clientId: 'mine' })).rejects.toThrow(/not authorized/i);
    await expect(connect({ username: 'stranger', password: devicePassword(bed.key, 'stranger') })).rejects.toThrow();
  });

  it('does not take another one’s session by its client id', async () => {
    await bed.register(['victim']);
    const other = await bed.device('victim');
    let isLost = false;
    other.client.on('close', () => (isLost = true));
    const password = devicePassword(bed.key, 'mine');
    const thief = await connectAsync(bed.settings.mqttUrl, { username: 'mine', password, clientId: 'victim' });
    expect((await other.ask('get')).body).toHaveProperty('queuedJobs');
    expect(isLost).toBe(false);
    await thief.endAsync(true);
  });

  it('can sign in as soon as it is registered, while others stay connected', async () => {
    // A name of its own: `other` was signed in twice before, and its two sessions still push each other out.
    await bed.register(['bystander']);
    const other = await bed.device('bystander');
    await bed.register(['late-comer']);
    const late = await bed.device('late-comer');
    expect((await late.ask('get')).body).toHaveProperty('queuedJobs');
    expect((await other.ask('get')).body).toHaveProperty('queuedJobs');
  });

  it('that requests something retained is not heard', async () => {
    const mine = await bed.device('mine');
    let closed = 0;
    mine.client.on('close', () => (closed += 1));
    mine.client.publish('$aws/things/mine/jobs/start-next', '{}', { qos: 0, retain: true });
    await eventually(() => expect(closed).toBeGreaterThan(0));
  });
});
