import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPublicKey } from 'node:crypto';
import { addArtifact } from '../../../client/engine/artifacts/add-artifact.ts';
import { addDevice } from '../../../client/engine/devices/add-device.ts';
import { credentialsOfDevice } from '../../../client/engine/devices/device-credentials.ts';
import { runSimulator, type SimulatorLine } from '../../../client/engine/devices/run-simulator.ts';
import { prepareSimulation, type SimulationInput } from '../../../client/engine/devices/simulated-fleet.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { showDevice } from '../../../client/engine/devices/show-device.ts';
import { parseConfig } from '../../../client/devices/simulator/config.schema.ts';
import { isSignedManifest } from '../../../activities/adapters/signing/signed-manifest.ts';
import { manifestOf } from '#domain/fleet/artifact.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());

const FLEET = {
  kind: 'count',
  count: 3,
  prefix: 'sim',
  hardware: 'edge-a',
  firmware: '1.0.0',
  tags: { site: 'a' },
} as const;

const prepare = (input: Partial<SimulationInput> = {}) =>
  prepareSimulation(engine.deps, { selection: FLEET, ledgerFile: null, faults: [], timings: {}, ...input });

describe('a simulated fleet', () => {
  it('registers the devices that are missing and leaves the others as they are', async () => {
    await addDevice(engine.deps, { thing: 'sim-0002', hardware: 'edge-b', firmware: '0.9.0', tags: {} });
    const { devices } = await prepare();
    expect(devices.map(({ thing, hardware, firmware }) => [thing, hardware, firmware])).toEqual([
      ['sim-0001', 'edge-a', '1.0.0'],
      ['sim-0002', 'edge-b', '0.9.0'],
      ['sim-0003', 'edge-a', '1.0.0'],
    ]);
    expect(await showDevice(engine.deps, 'sim-0001')).toMatchObject({ tags: { site: 'a' } });
    expect(await prepare()).toEqual(await prepare());
  });

  it('signs in without the colons that the broker does not take', async () => {
    const { devices } = await prepare({ selection: { ...FLEET, count: 1, prefix: 'site:a' } });
    const password = (await credentialsOfDevice(engine.deps, 'site:a-0001')).password;
    expect(devices).toMatchObject([{ thing: 'site:a-0001', username: 'site=a-0001', password }]);
    expect(parseConfig(JSON.stringify(await prepare())).devices[0]).toMatchObject({ username: 'sim-0001' });
  });

  it('gets what the simulator asks for: passwords, the signing key, a ledger in the data directory', async () => {
    const faults = [{ mode: 'boot-loop', version: '1.2.0', percent: 33 }];
    const configuration = await prepare({ faults, timings: { installMs: 5 } });
    const parsed = parseConfig(JSON.stringify(configuration));
    expect(parsed.faults).toEqual(faults);
    expect(parsed.ledgerPath).toBe(join(engine.folder, 'simulator', 'ledger.jsonl'));
    const [first] = parsed.devices;
    expect(first?.password).toBe((await credentialsOfDevice(engine.deps, 'sim-0001')).password);
    const label = { name: 'edge', version: '1.1.0', hardware: ['edge-a'], minimumVersion: null, sha256: null };
    const by = { name: 'ada', roles: [], verified: false };
    const source = join(import.meta.dirname, 'simulation.test.ts');
    const { artifact } = await addArtifact(engine.deps, { source, label, signingKeyFile: null, by });
    const key = createPublicKey(parsed.publicKeyPem);
    expect(isSignedManifest(manifestOf(artifact), artifact.signature, key)).toBe(true);
  });

  it('may be a group instead, but not an empty one', async () => {
    await createGroup(engine.deps, { name: 'b', filter: 'device.hardware == "edge-b"' });
    await createGroup(engine.deps, { name: 'nobody', filter: 'device.hardware == "edge-z"' });
    const { devices } = await prepare({ selection: { kind: 'group', group: 'b' } });
    expect(devices.map(({ thing }) => thing)).toEqual(['sim-0002']);
    const empty = prepare({ selection: { kind: 'group', group: 'nobody' } });
    await expect(empty).rejects.toMatchObject({ code: 'DEVICE_UNKNOWN' });
  });

  it('refuses a prefix that makes no thing names', async () => {
    const wrong = prepare({ selection: { ...FLEET, prefix: 'no blanks' } });
    await expect(wrong).rejects.toMatchObject({ code: 'DEVICE_INVALID' });
  });
});

describe('the simulator program', () => {
  it('runs until it is told to end, and its last line is the summary', async () => {
    const end = new AbortController();
    const lines: SimulatorLine[] = [];
    const onLine = (line: SimulatorLine) => {
      lines.push(line);
      if (line.event === 'connect-failed') end.abort();
    };
    // Nothing listens there: the devices say so, and go on trying.
    const configuration = { ...(await prepare()), mqttUrl: 'mqtt://127.0.0.1:1' };
    await runSimulator(configuration, { onLine, signal: end.signal });
    expect(lines.at(-1)).toMatchObject({ event: 'summary', devices: 3 });
  });

  it('is named with its own words when it ends by itself', async () => {
    const configuration = { ...(await prepare()), mqttUrl: 'no address' };
    const run = runSimulator(configuration, { onLine: () => undefined, signal: new AbortController().signal });
    await expect(run).rejects.toMatchObject({
      code: 'SIMULATOR_FAILED',
      report: { found: expect.stringContaining('mqttUrl') as string },
    });
  });
});
