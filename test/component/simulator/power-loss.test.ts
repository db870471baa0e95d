import { appendFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from '../../support/simulator/broker.ts';
import { DeviceBench, THING } from '../../support/simulator/device-bench.ts';
import type { Asked } from '../../support/simulator/job-server.ts';

let broker: TestBroker;
let bench: DeviceBench;
beforeAll(async () => void (broker = await TestBroker.start()));
afterAll(() => broker.stop());
beforeEach(async () => void (bench = await DeviceBench.start(broker)));
afterEach(() => bench.stop());

const UNHURRIED = { timings: { installMs: 300, retryMs: 100, jitterMs: 10 } };
const isSucceeded = ({ body: { status } }: Asked): boolean => status === 'SUCCEEDED';
const isInstalling = ({ body: { statusDetails } }: Asked): boolean => statusDetails?.step === 'installing';

describe('SIGKILL of the simulator', () => {
  it('between the ledger line and its report does not install twice', async () => {
    const first = await bench.simulate(UNHURRIED);
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await first.event('reported', ({ step }) => step === 'installing');
    // With its network cut the device writes its flash and can tell nobody.
    first.command('disconnect', 'all');
    await first.event('installed');
    await first.end('SIGKILL');
    const from = bench.jobs.asked.all.length;
    await bench.simulate(UNHURRIED);
    const { body } = await bench.jobs.update('j1', isSucceeded);
    expect(body.statusDetails?.firmware).toBe('1.1.0');
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0']);
    expect(bench.jobs.asked.all.slice(from).some(isInstalling)).toBe(false);
  });

  it('before the ledger line installs once, after the restart', async () => {
    const first = await bench.simulate({ timings: { installMs: 60_000, retryMs: 100, jitterMs: 10 } });
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isInstalling);
    await first.end('SIGKILL');
    await appendFile(bench.ledgerPath, `{"at":"2026-01-01T00:00:00.000Z","thing":"${THING}","jobId":"j1","ver`);
    await bench.simulate(UNHURRIED);
    await bench.jobs.update('j1', isSucceeded);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0']);
  });

  it('after the boot, with the confirmation lost, confirms after the restart', async () => {
    bench.jobs.loses = isSucceeded;
    const first = await bench.simulate();
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isSucceeded);
    await first.end('SIGKILL');
    bench.jobs.loses = () => false;
    const from = bench.jobs.asked.all.length;
    await bench.simulate();
    await bench.jobs.update('j1', isSucceeded, from);
    bench.jobs.offer(THING, 'j2', bench.publish('1.2.0'));
    await bench.jobs.update('j2', isSucceeded);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0', 'installed 1.2.0', 'booted 1.2.0']);
  });

  it('with the job cancelled while it was dead still tells that the new firmware runs', async () => {
    const first = await bench.simulate(UNHURRIED);
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await first.event('reported', ({ step }) => step === 'installing');
    first.command('disconnect', 'all');
    await first.event('installed');
    await first.end('SIGKILL');
    bench.jobs.cancel('j1');
    await bench.simulate();
    const { outcome, body } = await bench.jobs.update('j1', isSucceeded);
    expect([outcome, body.statusDetails?.firmware]).toEqual(['InvalidStateTransition', '1.1.0']);
  });

  it('again and again through a whole rollout never doubles an install and loses none', async () => {
    const devices = Array.from({ length: 40 }, (_, at) => ({
      thing: `p${at}`,
      password: 'p',
      hardware: 'edge-a',
      firmware: '1.0.0',
    }));
    const changes = { devices, timings: { installMs: 150, rebootMs: 50, retryMs: 100, jitterMs: 200 } };
    // Whoever cuts the power this often looks like a boot loop; this test is about the flash.
    bench.jobs.startsOfABootLoop = Infinity;
    const document = bench.publish('1.1.0');
    for (const { thing } of devices) bench.jobs.offer(thing, `j-${thing}`, document);
    for (const kill of ['installed', 'booted', 'reported']) {
      const program = await bench.simulate(changes);
      await program.event(kill, ({ status }) => kill !== 'reported' || status === 'SUCCEEDED');
      await program.end('SIGKILL');
    }
    await bench.simulate(changes);
    await bench.jobs.asked.first('the last success', () =>
      devices.every(({ thing }) => bench.jobs.execution(`j-${thing}`).status === 'SUCCEEDED'),
    );
    const history = await bench.history();
    expect(history.filter((line) => line === 'installed 1.1.0')).toHaveLength(devices.length);
    expect(history.filter((line) => line === 'booted 1.1.0')).toHaveLength(devices.length);
  });
});

describe('SIGKILL of the broker', () => {
  it('in the middle of an install is waited out; reports go on with their tokens', async () => {
    await bench.simulate(UNHURRIED);
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isInstalling);
    await broker.kill();
    await broker.up();
    await bench.jobs.update('j1', isSucceeded);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0']);
    expect(bench.jobs.execution('j1').versionNumber).toBe(5);
  });
});
