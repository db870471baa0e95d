import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from '../../support/simulator/broker.ts';
import { DeviceBench, THING } from '../../support/simulator/device-bench.ts';
import { firmwareBytes } from '../../support/simulator/firmware.ts';
import type { Asked } from '../../support/simulator/job-server.ts';
import { SimulatorProgram } from '../../support/simulator/program.ts';

let broker: TestBroker;
let bench: DeviceBench;
beforeAll(async () => void (broker = await TestBroker.start()));
afterAll(() => broker.stop());
beforeEach(async () => void (bench = await DeviceBench.start(broker)));
afterEach(() => bench.stop());

const isStep = (step: string) => (asked: Asked) =>
  asked.body.statusDetails?.step === step && asked.body.status === 'IN_PROGRESS';
const isStatus = (status: string) => (asked: Asked) => asked.body.status === status;

/** What the device asked the server, each once however often it had to repeat it. */
function requests(from = 0): Asked[] {
  const tokens = new Set<string>();
  return bench.jobs.asked.all.slice(from).filter(({ request, body: { clientToken } }) => {
    if (request === 'shadow') return true;
    const isNew = !tokens.has(clientToken);
    tokens.add(clientToken);
    return isNew;
  });
}

/** The same, in a word each. */
function conversation(from = 0): string[] {
  return requests(from).map(({ request, body: { status, statusDetails } }) => {
    if (request !== 'update') return request;
    return status === 'IN_PROGRESS' ? (statusDetails?.step ?? '') : (status ?? '');
  });
}

describe('a simulated device', () => {
  it('takes a job through download, install, reboot and confirmation, and asks for more', async () => {
    const simulator = await bench.simulate();
    await bench.jobs.asked.first('start-next at boot', ({ request }) => request === 'start-next');
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { body, outcome } = await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    expect({ ...body, clientToken: '' }).toEqual({
      status: 'SUCCEEDED',
      statusDetails: { step: 'rebooting', firmware: '1.1.0' },
      expectedVersion: 4,
      clientToken: '',
    });
    expect(outcome).toBe('accepted');
    await simulator.event('reported', ({ status }) => status === 'SUCCEEDED');
    await bench.jobs.asked.first('more', ({ request }) => request === 'start-next', bench.jobs.asked.all.length - 1);
    const cycle = [
      'start-next',
      'start-next',
      'installing',
      'rebooting',
      'start-next',
      'shadow',
      'SUCCEEDED',
      'start-next',
    ];
    expect(conversation()).toEqual(cycle);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0']);
    const shadow = bench.jobs.asked.all.find(({ request }) => request === 'shadow');
    expect(shadow?.body).toEqual({ state: { reported: { firmware: '1.1.0' } } });
    const basic = `Basic ${Buffer.from(`${THING}:secret`).toString('base64')}`;
    expect(bench.artifacts.downloads).toEqual([{ authorization: basic, range: undefined }]);
  });

  it('goes back where it came from, even over the minimum version of that firmware', async () => {
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    const before = bench.publish('1.0.0', firmwareBytes('1.0.0'), '9.0.0');
    bench.jobs.offer(THING, 'j2', { ...before, wayBack: true });
    expect((await bench.jobs.update('j2', isStatus('SUCCEEDED'))).body.statusDetails?.firmware).toBe('1.0.0');
  });

  it('succeeds without an install when it already runs the version', async () => {
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', bench.publish('1.0.0'));
    const { body } = await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    expect(body.statusDetails).toEqual({ firmware: '1.0.0' });
    expect(await bench.history()).toEqual([]);
    expect(bench.artifacts.downloads).toEqual([]);
  });

  it('finds a job that was queued before it was switched on, and one queued while its network was cut', async () => {
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const simulator = await bench.simulate();
    const { at } = await bench.jobs.updateAt('j1', isStatus('SUCCEEDED'));
    await bench.jobs.asked.first('the question after it', ({ request }) => request === 'start-next', at);
    simulator.command('disconnect', 'all');
    await simulator.event('disconnected');
    const from = bench.jobs.asked.all.length;
    bench.jobs.offer(THING, 'j2', bench.publish('1.2.0'));
    simulator.command('reconnect', [THING]);
    await bench.jobs.update('j2', isStatus('SUCCEEDED'));
    const asks = conversation(from).filter((word) => word === 'get' || word === 'start-next');
    expect(asks.slice(0, 2).sort()).toEqual(['get', 'start-next']);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0', 'installed 1.2.0', 'booted 1.2.0']);
  });

  it('repeats a request with the same token until its answer arrives', async () => {
    const lost = new Map<string, number>();
    bench.jobs.loses = ({ body: { clientToken } }) => {
      lost.set(clientToken, (lost.get(clientToken) ?? 0) + 1);
      return (lost.get(clientToken) ?? 0) <= 2;
    };
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', ({ body, outcome }) => body.status === 'SUCCEEDED' && outcome === 'accepted');
    const installs = bench.jobs.asked.all.filter(isStep('installing'));
    // An answer that is on its way when the device loses patience makes one more of them.
    expect(installs.map(({ outcome }) => outcome).slice(0, 3)).toEqual(['lost', 'lost', 'accepted']);
    expect(new Set(installs.map(({ body }) => body.clientToken)).size).toBe(1);
    // A token answered from memory is not applied again: start, installing, rebooting, succeeded.
    expect(bench.jobs.execution('j1').versionNumber).toBe(5);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0']);
  });

  it('takes over the version of a stale report and repeats it', async () => {
    await bench.simulate();
    bench.jobs.reactTo(isStep('installing'), () => bench.jobs.bumpVersion('j1'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    const reboots = requests().filter(isStep('rebooting'));
    expect(reboots.map(({ outcome, body }) => [outcome, body.expectedVersion])).toEqual([
      ['VersionMismatch', 3],
      ['accepted', 4],
    ]);
  });

  it('gives up a job cancelled before its flash was written', async () => {
    const simulator = await bench.simulate();
    bench.jobs.reactTo(
      ({ request }) => request === 'start-next' && bench.jobs.execution('j1').status === 'IN_PROGRESS',
      () => bench.jobs.cancel('j1'),
    );
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await simulator.event('reported', ({ code }) => code === 'InvalidStateTransition');
    bench.jobs.offer(THING, 'j2', bench.publish('1.2.0'));
    await bench.jobs.update('j2', isStatus('SUCCEEDED'));
    expect(await bench.history()).toEqual(['installed 1.2.0', 'booted 1.2.0']);
  });

  it('finishes a job cancelled in the middle of the install, says so although refused, and asks for work', async () => {
    const simulator = await bench.simulate();
    bench.jobs.reactTo(isStep('installing'), () => bench.jobs.cancel('j1'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { outcome, body } = await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    expect(outcome).toBe('InvalidStateTransition');
    expect(body.statusDetails?.firmware).toBe('1.1.0');
    await simulator.event('reported', ({ status, accepted }) => status === 'SUCCEEDED' && accepted === false);
    bench.jobs.offer(THING, 'j2', bench.publish('1.0.0'));
    await bench.jobs.update('j2', isStatus('SUCCEEDED'));
    const said = conversation();
    const refusedAt = said.indexOf('SUCCEEDED');
    expect(said.slice(refusedAt - 1, refusedAt + 2)).toEqual(['shadow', 'SUCCEEDED', 'start-next']);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0', 'installed 1.0.0', 'booted 1.0.0']);
  });
});

describe('the program', () => {
  it('stops on SIGTERM with a summary as its last line', async () => {
    const simulator = await bench.simulate({}, ['--quiet']);
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isStatus('SUCCEEDED'));
    expect(await simulator.end('SIGTERM')).toBe(0);
    const summary = await simulator.event('summary');
    expect(simulator.lines.all.map(({ event }) => event)).toEqual(['connected', 'summary']);
    expect(summary).toMatchObject({ devices: 1, counts: { installed: 1, booted: 1 } });
    expect(simulator.errors).toBe('');
  });

  it('takes its configuration from standard input', async () => {
    const simulator = SimulatorProgram.startInlined(bench.config());
    expect(await simulator.event('connected')).toMatchObject({ devices: 1 });
    expect(await simulator.end('SIGINT')).toBe(0);
  });

  it('stops while no broker answers', async () => {
    const simulator = SimulatorProgram.startInlined(bench.config({ mqttUrl: 'mqtt://127.0.0.1:1' }));
    expect(await simulator.event('connect-failed')).toMatchObject({ thing: THING });
    expect(await simulator.end('SIGTERM')).toBe(0);
  });

  it('refuses a wrong configuration and names the path', async () => {
    const simulator = SimulatorProgram.startInlined(bench.config({ faults: [{ mode: 'refuse', percent: 10 }] }));
    expect(await simulator.exitCode()).toBe(2);
    expect(simulator.errors).toContain('faults.0.version');
  });

  it('connects two hundred devices and updates them all', async () => {
    const devices = Array.from({ length: 200 }, (_, at) => ({
      thing: `fleet-${at}`,
      password: 'p',
      hardware: 'edge-a',
      firmware: '1.0.0',
    }));
    const simulator = await bench.simulate({ devices });
    const document = bench.publish('1.1.0');
    for (const { thing } of devices) bench.jobs.offer(thing, `j-${thing}`, document);
    await Promise.all(devices.map(({ thing }) => bench.jobs.update(`j-${thing}`, isStatus('SUCCEEDED'))));
    expect(await simulator.end('SIGTERM')).toBe(0);
    expect((await bench.history()).filter((line) => line === 'installed 1.1.0')).toHaveLength(200);
  });
});
