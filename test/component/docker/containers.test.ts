// What only a real engine shows: what a container was given, and what became of a request whose caller died.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { connectEngine } from '../../../activities/adapters/docker/engine.ts';
import { makeDockerBed, socketAddress, type DockerBed } from '../../support/containers/docker-bed.ts';
import { startMuteDaemon } from '../../support/containers/mute-daemon.ts';
import { SERVE } from '../../support/containers/programs.ts';
import { newReplica, type Wanted } from '../../support/containers/replicas.ts';
import { eventually } from '../../support/eventually.ts';

let bed: DockerBed;
let engine: ContainerEngine;
beforeAll(async () => {
  bed = await makeDockerBed();
  engine = bed.engine;
});
afterAll(() => bed.close());
afterEach(async () => {
  const left = await engine.listAll();
  await Promise.all(left.map(({ name }) => engine.removeReplica(name)));
});

const wanted = (spec: Partial<Wanted['spec']> = {}, given: Omit<Wanted, 'spec'> = {}) =>
  newReplica({ spec: { image: bed.held.image, command: SERVE, ...spec }, ...given });
const find = async (name: string) => (await engine.listAll()).find((replica) => replica.name === name);

it('gives a container what its spec says, and no restarts of its own', async () => {
  const folder = join(bed.dockerd.folder, 'mounted');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'from the host');
  const { name } = await engine.createReplica(
    wanted(
      {
        limits: { cpus: 0.5, memoryBytes: 64 * 1024 * 1024 },
        mounts: [
          { kind: 'bind', source: folder, target: '/mounted', readOnly: true },
          { kind: 'volume', source: 'shop-data', target: '/data', readOnly: false },
        ],
        stopGraceMs: 2_500,
        engineHealthCheck: { command: ['/bin/echo', 'fine'], everyMs: 30_000 },
      },
      { env: { COLOUR: 'blue = green' } },
    ),
  );
  await engine.startReplica(name);
  const { HostConfig, Config } = await bed.dockerd.docker.getContainer(name).inspect();
  expect(HostConfig).toMatchObject({
    NanoCpus: 500_000_000,
    Memory: 67_108_864,
    RestartPolicy: { Name: 'no' },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
  });
  expect(Config).toMatchObject({ StopTimeout: 3, Healthcheck: { Test: ['CMD', '/bin/echo', 'fine'], Interval: 3e10 } });
  const seen = await engine.run(
    name,
    ['/bin/sh', '-c', 'echo $COLOUR; head -c 100 /mounted/file; echo x >/data/x'],
    5_000,
  );
  expect(seen).toEqual({ exitCode: 0, output: 'blue = green\nfrom the host' });
  const written = await engine.run(name, ['/bin/sh', '-c', 'echo x >/mounted/x'], 5_000);
  expect(written.exitCode).not.toBe(0);
});

it('joins all networks and is reached in the first one', async () => {
  for (const network of ['front', 'back']) {
    await bed.dockerd.docker.createNetwork({ Name: network, CheckDuplicate: true });
  }
  const replica = wanted({ networks: ['front', 'back'] });
  await engine.createReplica(replica);
  await engine.createReplica(replica);
  const { address } = await engine.startReplica(replica.name);
  const { NetworkSettings } = await bed.dockerd.docker.getContainer(replica.name).inspect();
  expect(Object.keys(NetworkSettings.Networks).sort()).toEqual(['back', 'bridge', 'front']);
  expect(address?.host).toBe(NetworkSettings.Networks['front']?.IPAddress);
  await engine.removeReplica(replica.name);
  const missing = engine.createReplica(wanted({ networks: ['nowhere'] }));
  await expect(missing.then(({ name }) => engine.startReplica(name))).rejects.toMatchObject({
    code: 'ENGINE_REFUSED',
    message: expect.stringContaining('nowhere') as string,
  });
});

it('says that a container was ended for want of memory', async () => {
  const greedy = ['/bin/sh', '-c', 'yes | tail -c 200000000 | tail -c 1'];
  const replica = wanted({ command: greedy, limits: { cpus: null, memoryBytes: 16 * 1024 * 1024 } });
  await engine.createReplica(replica);
  await engine.startReplica(replica.name);
  await eventually(async () =>
    expect((await find(replica.name))?.exit).toMatchObject({ outOfMemory: true, code: expect.any(Number) as number }),
  );
});

it('takes up a container whose creation was answered to nobody', async () => {
  const { dockerd } = bed;
  const daemon = await startMuteDaemon(join(dockerd.folder, 'mute.sock'), dockerd.socketPath);
  const mute = await connectEngine(socketAddress('mute', daemon.socketPath), { kind: 'none' });
  const asked = new AbortController();
  const lost = mute.createReplica(wanted(), { signal: asked.signal });
  await daemon.created;
  asked.abort(new Error('gone'));
  await expect(lost).rejects.toThrow('gone');
  mute.close();
  daemon.close();
  const made = await engine.createReplica(wanted());
  expect(made.state).toBe('created');
  expect(await engine.listAll()).toHaveLength(1);
});

it('gives the address of a stopped container to the next one', async () => {
  const [first, other] = [wanted(), wanted({}, { labels: { replica: 2 } })];
  await Promise.all([engine.createReplica(first), engine.createReplica(other)]);
  const before = await engine.startReplica(first.name);
  await engine.stopReplica(first.name, 5_000);
  const taken = await engine.startReplica(other.name);
  const after = await engine.startReplica(first.name);
  expect(taken.address).toEqual(before.address);
  expect(after.address).not.toEqual(before.address);
});

it('kills what does not end within its grace', async () => {
  const deaf = wanted({ command: ['/bin/sh', '-c', `trap '' TERM; while true; do sleep 0.2; done`] });
  await engine.createReplica(deaf);
  await engine.startReplica(deaf.name);
  await engine.stopReplica(deaf.name, 1_000);
  expect((await find(deaf.name))?.exit).toMatchObject({ code: 137, outOfMemory: false });
});

it('follows on where it was when the engine comes back, without a line twice', async () => {
  const counting = wanted({ command: ['/bin/sh', '-c', 'i=0; while true; do i=$((i+1)); echo $i; sleep 0.02; done'] });
  await engine.createReplica(counting);
  await engine.startReplica(counting.name);
  const lines: number[] = [];
  const asked = new AbortController();
  const following = engine.followLogs(counting.name, (line) => lines.push(Number(line)), asked.signal);
  await eventually(() => expect(lines.length).toBeGreaterThan(5));
  await bed.restart();
  const seen = lines.length;
  await eventually(() => expect(lines.length).toBeGreaterThan(seen + 5));
  asked.abort();
  await following;
  const [first = 0] = lines;
  expect(lines).toEqual(lines.map((_line, index) => first + index));
});
