// An engine on another machine, through its SSH server: nothing of the engine is open to the network.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine, ReplicaEvent } from '#domain/ports/container-engine.port.ts';
import { connectEngine } from '../../../activities/adapters/docker/engine.ts';
import { importBusybox } from '../../support/containers/busybox-image.ts';
import { SERVE } from '../../support/containers/programs.ts';
import { newReplica } from '../../support/containers/replicas.ts';
import { eventually } from '../../support/eventually.ts';
import { startDockerd, type DockerdServer } from '../../support/servers/dockerd.ts';
import { startSshd, type SshServer } from '../../support/servers/sshd.ts';

let dockerd: DockerdServer;
let sshd: SshServer;
let address: EngineAddress;
let engine: ContainerEngine;

beforeAll(async () => {
  dockerd = await startDockerd();
  sshd = await startSshd({ DOCKER_HOST: `unix://${dockerd.socketPath}` });
  const { port, user } = sshd;
  address = {
    name: 'far',
    way: { kind: 'ssh', host: '127.0.0.1', port, user, key: { secretRef: 'file:key' }, hostKey: null },
    reach: { kind: 'bridge' },
  };
  engine = await connectEngine(address, { kind: 'ssh', key: sshd.key, hostKey: sshd.hostKey });
});
afterAll(async () => {
  engine.close();
  await sshd.stop();
  await dockerd.stop();
});

it('creates, starts, asks, watches and removes as on this machine', async () => {
  const image = await importBusybox(dockerd.docker, 'shop', 'ssh');
  const events: ReplicaEvent['kind'][] = [];
  const asked = new AbortController();
  const watching = engine.watch(({ kind }) => events.push(kind), asked.signal);
  const replicas = [1, 2, 3, 4].map((replica) => newReplica({ spec: { image, command: SERVE }, labels: { replica } }));
  await Promise.all(replicas.map((replica) => engine.createReplica(replica)));
  const started = await Promise.all(replicas.map(({ name }) => engine.startReplica(name)));
  expect(new Set(started.map(({ address: at }) => at?.host)).size).toBe(4);
  const name = 'shop-1-1';
  await eventually(async () => expect(await engine.logs(name, 5)).toEqual(['ready']));
  expect(await engine.run(name, ['/bin/echo', 'hello'], 10_000)).toEqual({ exitCode: 0, output: 'hello\n' });
  await Promise.all(replicas.map((replica) => engine.removeReplica(replica.name)));
  await eventually(() => expect(events).toContain('destroy'));
  asked.abort();
  await watching;
  expect(await engine.listAll()).toEqual([]);
});

it('says that the engine is out of reach when a key is refused, on either side, or nobody is there', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const refused = { code: 'ENGINE_UNREACHABLE', message: expect.stringContaining(`ssh://${sshd.user}@`) as string };
  await expect(connectEngine(address, { kind: 'ssh', key, hostKey: null })).rejects.toMatchObject(refused);
  const nobody = {
    ...address,
    way: { ...address.way, kind: 'ssh', port: 1, host: '127.0.0.1', user: 'a' },
  } as EngineAddress;
  const stranger = { kind: 'ssh', key: sshd.key, hostKey: `SHA256:${'A'.repeat(43)}` } as const;
  await expect(connectEngine(address, stranger)).rejects.toMatchObject(refused);
  await expect(connectEngine(nobody, { kind: 'ssh', key, hostKey: null })).rejects.toMatchObject({
    code: 'ENGINE_UNREACHABLE',
  });
});
