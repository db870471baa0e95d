// The servers that tests of containers stand on do what those tests take for granted.
import type Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildShopImage, type ShopImage } from '../../../examples/shop/build-image.ts';
import { eventually } from '../../support/eventually.ts';
import { startDockerd, type DockerdServer } from '../../support/servers/dockerd.ts';
import { startRegistry, type RegistryServer } from '../../support/servers/registry.ts';

let engine: DockerdServer;
let registry: RegistryServer;
let image: ShopImage;

beforeAll(async () => {
  [engine, registry] = await Promise.all([startDockerd(), startRegistry()]);
  image = await buildShopImage(engine.docker, '1.1.0', registry.host);
});

afterAll(async () => {
  await registry.stop();
  await engine.stop();
});

async function startShop(name: string): Promise<{ container: Docker.Container; url: string }> {
  const container = await engine.docker.createContainer({ name, Image: image.imageId });
  await container.start();
  const { NetworkSettings } = await container.inspect();
  const url = `http://${NetworkSettings.Networks['bridge']?.IPAddress}:8080`;
  await eventually(async () => expect((await fetch(`${url}/health`)).status).toBe(200));
  return { container, url };
}

async function pull(docker: Docker, reference: string): Promise<void> {
  const progress = await docker.pull(reference);
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
  });
}

const instanceAt = async (url: string): Promise<unknown> =>
  ((await (await fetch(url)).json()) as { instance: unknown }).instance;

describe('the engine of a test', () => {
  it('keeps its containers serving through its own SIGKILL and knows them after a restart', async () => {
    const { container, url } = await startShop('survivor');
    const instance = await instanceAt(url);
    const { State: before } = await container.inspect();
    await engine.kill();
    expect(await instanceAt(url)).toBe(instance);
    await engine.restart();
    const { State: after } = await container.inspect();
    expect([after.Status, after.Pid, after.StartedAt]).toEqual(['running', before.Pid, before.StartedAt]);
    await container.stop();
    expect((await container.inspect()).State.ExitCode).toBe(0);
  });

  it('keeps its containers serving when containerd is killed', async () => {
    const { container, url } = await startShop('orphan');
    const instance = await instanceAt(url);
    engine.killContainerd();
    await eventually(async () => expect((await container.inspect()).State.Status).toBe('running'));
    expect(await instanceAt(url)).toBe(instance);
  });

  it('is apart from another engine, which gets its images by digest from the registry', async () => {
    const other = await startDockerd();
    try {
      expect(other.bridge).not.toBe(engine.bridge);
      expect(await other.docker.listImages()).toEqual([]);
      const byDigest = `${registry.host}/shop@${image.digest}`;
      await pull(other.docker, byDigest);
      const { Id, Config } = await other.docker.getImage(byDigest).inspect();
      expect(Id).toBe(image.imageId);
      expect(Config.Labels['org.opencontainers.image.version']).toBe('1.1.0');
    } finally {
      await other.stop();
    }
  });
});
