// A real engine with a real registry and the images of the conformance suite.
import { join } from 'node:path';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { connectEngine } from '../../../activities/adapters/docker/engine.ts';
import type { EngineBed } from '../../conformance/container-engine.suite.ts';
import { startDockerd, type DockerdServer } from '../servers/dockerd.ts';
import { startRegistry } from '../servers/registry.ts';
import { importBusybox, pushImage } from './busybox-image.ts';

export interface DockerBed extends EngineBed {
  readonly dockerd: DockerdServer;
}

/** The address of an engine's socket whose containers are reached directly. */
export const socketAddress = (name: string, path: string): EngineAddress => ({
  name,
  way: { kind: 'socket', path },
  reach: { kind: 'bridge' },
});

/** Takes about 2 s. */
export async function makeDockerBed(): Promise<DockerBed> {
  const [dockerd, registry] = await Promise.all([startDockerd(), startRegistry()]);
  const { docker } = dockerd;
  const repository = `${registry.host}/shop`;
  await importBusybox(docker, repository, 'held', 'held');
  await importBusybox(docker, repository, 'remote', 'remote');
  const id = await importBusybox(docker, 'shop', 'local', 'local');
  const digest = await pushImage(docker, repository, 'held');
  const remoteDigest = await pushImage(docker, repository, 'remote');
  await docker.getImage(`${repository}:remote`).remove({ force: true });
  const engine = await connectEngine(socketAddress('main', dockerd.socketPath), { kind: 'none' });
  return {
    dockerd,
    engine,
    held: { tag: `${repository}:held`, image: `${repository}@${digest}`, digest },
    remote: { tag: `${repository}:remote`, digest: remoteDigest },
    local: { tag: 'shop:local', id },
    connectToNobody: () => connectEngine(socketAddress('nobody', join(dockerd.folder, 'none.sock')), { kind: 'none' }),
    addForeign: async (name) => void (await docker.createContainer({ name, Image: id, Cmd: ['/bin/sleep', '60'] })),
    stopRegistry: () => registry.stop(),
    restart: () => dockerd.restart(),
    close: async () => {
      engine.close();
      await registry.stop();
      await dockerd.stop();
    },
  };
}
