import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from '../../support/simulator/broker.ts';
import { DeviceBench, THING } from '../../support/simulator/device-bench.ts';
import { firmwareBytes, newKey, signedDocument } from '../../support/simulator/firmware.ts';
import type { TestDocument } from '../../support/simulator/firmware.ts';
import type { Asked } from '../../support/simulator/job-server.ts';

let broker: TestBroker;
let bench: DeviceBench;
beforeAll(async () => void (broker = await TestBroker.start()));
afterAll(() => broker.stop());
beforeEach(async () => void (bench = await DeviceBench.start(broker)));
afterEach(() => bench.stop());

const isTerminal = ({ body: { status } }: Asked): boolean => status !== 'IN_PROGRESS';
const faultOn = (version: string, mode: string, more: Record<string, number> = {}) => ({
  faults: [{ version, mode, percent: 100, ...more }],
});
const firmwareOf = (asked: Asked | undefined): unknown =>
  (asked?.body as { state?: { reported?: { firmware?: string } } } | undefined)?.state?.reported?.firmware;

describe('a failing device', () => {
  it('refuses', async () => {
    await bench.simulate(faultOn('1.1.0', 'refuse'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { body } = await bench.jobs.update('j1', isTerminal);
    expect(body).toMatchObject({ status: 'REJECTED', statusDetails: { reason: 'refused', firmware: '1.0.0' } });
    expect(await bench.history()).toEqual([]);
  });

  it('crashes in the install, comes back on its old firmware and says so', async () => {
    await bench.simulate(faultOn('1.1.0', 'crash-in-install'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { body } = await bench.jobs.update('j1', isTerminal);
    const statusDetails = { step: 'installing', reason: 'install-crashed', firmware: '1.0.0' };
    expect(body).toMatchObject({ status: 'FAILED', statusDetails });
    expect(await bench.history()).toEqual([]);
  });

  it('boots three times into a crash, falls back to the old slot and reports it', async () => {
    const simulator = await bench.simulate(faultOn('1.1.0', 'boot-loop'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { body, outcome } = await bench.jobs.update('j1', isTerminal);
    const statusDetails = { step: 'rebooting', reason: 'boot-loop', firmware: '1.0.0' };
    expect(body).toMatchObject({ status: 'FAILED', statusDetails });
    // The server counted the boots itself and had failed the job at the third.
    expect(outcome).toBe('InvalidStateTransition');
    expect(bench.jobs.execution('j1')).toMatchObject({ status: 'FAILED', starts: 3 });
    expect(simulator.lines.all.filter(({ event }) => event === 'crashed')).toHaveLength(3);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'reverted 1.0.0']);
    expect(firmwareOf(bench.jobs.asked.all.find(({ request }) => request === 'shadow'))).toBe('1.0.0');
  });

  it('takes the way back after a boot loop without an install: it is there already', async () => {
    await bench.simulate(faultOn('1.1.0', 'boot-loop'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await bench.jobs.update('j1', isTerminal);
    bench.jobs.offer(THING, 'j2', bench.publish('1.0.0'));
    const { body } = await bench.jobs.update('j2', isTerminal);
    expect(body).toMatchObject({ status: 'SUCCEEDED', statusDetails: { firmware: '1.0.0' } });
    expect(await bench.history()).toEqual(['installed 1.1.0', 'reverted 1.0.0']);
  });

  it('boots but never confirms, and takes the next job', async () => {
    const simulator = await bench.simulate(faultOn('1.1.0', 'never-confirm'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await simulator.event('silent');
    bench.jobs.cancel('j1');
    bench.jobs.offer(THING, 'j2', bench.publish('1.0.0'));
    await bench.jobs.update('j2', isTerminal);
    expect(bench.jobs.asked.all.filter(({ jobId }) => jobId === 'j1').some(isTerminal)).toBe(false);
    expect(await bench.history()).toEqual(['installed 1.1.0', 'booted 1.1.0', 'installed 1.0.0', 'booted 1.0.0']);
  });

  it('believes in its success but shows the old version', async () => {
    await bench.simulate(faultOn('1.1.0', 'report-old'));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    const { body } = await bench.jobs.update('j1', isTerminal);
    expect(body).toMatchObject({ status: 'SUCCEEDED', statusDetails: { firmware: '1.0.0' } });
    expect(firmwareOf(bench.jobs.asked.all.find(({ request }) => request === 'shadow'))).toBe('1.0.0');
  });

  it('stays away for a while when offered, then does the job', async () => {
    const simulator = await bench.simulate(faultOn('1.1.0', 'offline', { forMs: 200 }));
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await simulator.event('offline');
    const { body } = await bench.jobs.update('j1', isTerminal);
    expect(body.status).toBe('SUCCEEDED');
    expect(bench.jobs.asked.all.some(({ request }) => request === 'get')).toBe(true);
  });

  it('installs slowly', async () => {
    const simulator = await bench.simulate(faultOn('1.1.0', 'slow', { delayMs: 400 }));
    const startedAt = performance.now();
    bench.jobs.offer(THING, 'j1', bench.publish('1.1.0'));
    await simulator.event('installed');
    expect(performance.now() - startedAt).toBeGreaterThan(399);
  });
});

describe('a device that is offered something altered', () => {
  const genuine = (): TestDocument => bench.publish('1.1.0');

  async function verdictOn(document: TestDocument): Promise<unknown> {
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', document);
    const { body } = await bench.jobs.update('j1', isTerminal);
    expect(await bench.history()).toEqual([]);
    return `${body.status} ${body.statusDetails?.reason} ${body.statusDetails?.firmware}`;
  }

  it('refuses one altered byte', async () => {
    const document = genuine();
    const bytes = firmwareBytes('1.1.0');
    bytes.writeUInt8(bytes.readUInt8(40_000) ^ 1, 40_000);
    bench.artifacts.serve(document.artifacts[0]?.url ?? '', bytes);
    expect(await verdictOn(document)).toBe('FAILED checksum-mismatch 1.0.0');
  });

  it.each([-1, 1])('refuses an artifact longer by %i bytes than promised', async (more) => {
    const document = genuine();
    bench.artifacts.serve(document.artifacts[0]?.url ?? '', firmwareBytes('1.1.0', 65_536 + more));
    expect(await verdictOn(document)).toBe('FAILED checksum-mismatch 1.0.0');
  });

  it('refuses an altered hash before it downloads a byte', async () => {
    const document = genuine();
    const artifacts = document.artifacts.map((one) => ({ ...one, sha256: 'a'.repeat(64) }));
    expect(await verdictOn({ ...document, artifacts })).toBe('FAILED signature-invalid 1.0.0');
    expect(bench.artifacts.downloads).toEqual([]);
  });

  it('refuses a genuine artifact under another version', async () => {
    expect(await verdictOn({ ...genuine(), version: '9.9.9' })).toBe('FAILED signature-invalid 1.0.0');
  });

  it('refuses a lowered minimum version before it downloads a byte', async () => {
    const document = bench.publish('1.1.0', firmwareBytes('1.1.0'), '9.0.0');
    expect(await verdictOn({ ...document, minimumVersion: '0.1.0' })).toBe('FAILED signature-invalid 1.0.0');
    expect(bench.artifacts.downloads).toEqual([]);
  });

  it('refuses a way back to where it never was', async () => {
    const document = bench.publish('1.1.0', firmwareBytes('1.1.0'), '9.0.0');
    expect(await verdictOn({ ...document, wayBack: true })).toBe('REJECTED version-too-old 1.0.0');
  });

  it('refuses the signature of a foreign key', async () => {
    const document = signedDocument(newKey(), '1.1.0', firmwareBytes('1.1.0'), bench.artifacts);
    expect(await verdictOn(document)).toBe('FAILED signature-invalid 1.0.0');
  });

  it('refuses other hardware and an artifact that is gone', async () => {
    expect(await verdictOn({ ...genuine(), compat: ['edge-b'] })).toBe('REJECTED hardware-mismatch 1.0.0');
    const missing = signedDocument(bench.key, '1.2.0', firmwareBytes('1.2.0'), bench.artifacts);
    bench.jobs.offer(THING, 'j2', missing);
    const { body } = await bench.jobs.update('j2', isTerminal);
    expect(body).toMatchObject({ status: 'FAILED', statusDetails: { reason: 'download-failed' } });
  });

  it('goes on with a cut download where it stopped', async () => {
    bench.artifacts.cuts = [10_000, 20_000];
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', genuine());
    expect((await bench.jobs.update('j1', isTerminal)).body.status).toBe('SUCCEEDED');
    expect(bench.artifacts.downloads.map(({ range }) => range)).toEqual([undefined, 'bytes=10000-', 'bytes=30000-']);
  });

  it('starts a cut download again when the server does not know ranges', async () => {
    bench.artifacts.cuts = [10_000];
    bench.artifacts.ignoresRange = true;
    await bench.simulate();
    bench.jobs.offer(THING, 'j1', genuine());
    expect((await bench.jobs.update('j1', isTerminal)).body.status).toBe('SUCCEEDED');
  });
});
