// An engine on another machine: TCP with certificates, its containers behind ports of that machine.
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { connectEngine } from '../../../activities/adapters/docker/engine.ts';
import { importBusybox } from '../../support/containers/busybox-image.ts';
import { SERVE } from '../../support/containers/programs.ts';
import { newReplica } from '../../support/containers/replicas.ts';
import { eventually } from '../../support/eventually.ts';
import { makeCertificates, type Certificates } from '../../support/servers/certificates.ts';
import { startDockerd, type DockerdServer } from '../../support/servers/dockerd.ts';
import { freePort } from '../../support/servers/ports.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('tls');
let certificates: Certificates;
let address: EngineAddress;
let dockerd: DockerdServer;
let engine: ContainerEngine;
let image: string;

beforeAll(async () => {
  certificates = makeCertificates(folder.path);
  const port = await freePort();
  const { ca, certificate, key } = certificates.files;
  const tls = ['--tlsverify', '--tlscacert', ca, '--tlscert', certificate, '--tlskey', key];
  dockerd = await startDockerd({ args: ['--host', `tcp://127.0.0.1:${port}`, ...tls] });
  const from = (name: string) => ({ secretRef: `file:${name}` });
  address = {
    name: 'far',
    way: { kind: 'tcp', host: '127.0.0.1', port, tls: { ca: from('ca'), certificate: from('cert'), key: from('key') } },
    reach: { kind: 'published', host: '127.0.0.1' },
  };
  engine = await connectEngine(address, { kind: 'tls', ...certificates.client });
  image = await importBusybox(dockerd.docker, 'shop', 'tls');
});
afterAll(async () => {
  engine.close();
  await dockerd.stop();
  folder.remove();
});

it('reaches a container by a port of the machine, another one after each start', async () => {
  const replica = newReplica({ spec: { image, command: SERVE } });
  await engine.createReplica(replica);
  const first = await engine.startReplica(replica.name);
  expect(first.address?.host).toBe('127.0.0.1');
  expect(await answerOf(first.address)).toBe('shop-1-1');
  const { HostConfig } = await dockerd.docker.getContainer(replica.name).inspect();
  expect(HostConfig.PortBindings).toEqual({ '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '0' }] });
  await engine.stopReplica(replica.name, 5_000);
  const again = await engine.startReplica(replica.name);
  expect(await answerOf(again.address)).toBe('shop-1-1');
  expect((await engine.listAll()).map((listed) => listed.address)).toEqual([again.address]);
  await engine.removeReplica(replica.name);
});

it('does not claim to know the free space of another machine', async () => {
  expect(await engine.facts()).toMatchObject({ freeBytes: null, liveRestore: true });
});

it('speaks only to the engine that its authority vouches for, and only with a certificate of it', async () => {
  const other = makeTempFolder('other');
  const strangers = makeCertificates(other.path).client;
  other.remove();
  const refused = { code: 'ENGINE_UNREACHABLE', message: expect.stringContaining('engine far') as string };
  await expect(connectEngine(address, { kind: 'tls', ...strangers })).rejects.toMatchObject(refused);
  const { ca } = certificates.client;
  await expect(connectEngine(address, { kind: 'tls', ...strangers, ca })).rejects.toMatchObject(refused);
});

const answerOf = (at: { host: string; port: number } | null): Promise<string> =>
  eventually(async () => (await fetch(`http://${at?.host}:${at?.port}/`)).text());
