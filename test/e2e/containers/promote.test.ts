// The digest that was tried is the one that goes out, whatever became of its tag meanwhile.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Place } from '../../support/containers/container-stack.ts';
import { freePort } from '../../support/servers/ports.ts';
import { openReleaseScene } from './release-scene.ts';

const scene = openReleaseScene();
const [REPLICAS, TAG] = [1, 'candidate'];
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json';

/** The tag means that version's image from now on. The result is its digest. */
async function tagAs(version: string): Promise<string> {
  const { url } = scene.stack.registry;
  const held = await fetch(`${url}/v2/shop/manifests/${version}`, { headers: { accept: MANIFEST } });
  const contentType = held.headers.get('content-type') ?? '';
  const headers = { 'content-type': contentType };
  const put = await fetch(`${url}/v2/shop/manifests/${TAG}`, { method: 'PUT', headers, body: await held.text() });
  expect(put.ok).toBe(true);
  return put.headers.get('docker-content-digest') ?? '';
}

let [staging, production]: Place[] = [];
let tested: string;
beforeAll(async () => {
  const engines = [{ name: 'local', host: `unix://${scene.stack.engine.socketPath}` }];
  staging = await scene.stack.openPlace({ name: 'shop', replicas: REPLICAS });
  production = { environment: 'production', application: 'shop', port: await freePort() };
  const rules = { promote_from: 'shop', promote_with: { strategy: 'blue_green', bake: '0s' } };
  await scene.stack.configure({ production: { target: 'docker', engines, ...rules } });
  tested = await tagAs('1.0.0');
});

const there = (place: Place | undefined): Place => {
  if (place === undefined) throw new Error('opened before the tests');
  return place;
};
const imagesOf = async (place: Place | undefined): Promise<string[]> =>
  (await scene.stack.containers(there(place))).map(({ Image }) => Image);
const promote = (...more: string[]) =>
  scene.sluice('promote', '--from', 'shop', '--to', 'production', '--application', 'shop', ...more);

describe('an image whose tag is moved between staging and production', () => {
  it('is not taken by production before it was tried', async () => {
    await expect(scene.stack.plan(there(production), TAG)).rejects.toMatchObject({ code: 'PROMOTION_NEEDED' });
    expect((await promote()).answer).toMatchObject({ error: { code: 'PROMOTION_NEVER_DEPLOYED' } });
  });

  it('is promoted as the bytes that were tried', async () => {
    const run = await scene.release(there(staging), TAG);
    const moved = await tagAs('1.1.0');
    expect(moved).not.toBe(tested);
    // The port of staging is taken: each place keeps the one that it was first given.
    await scene.stack.changeApplication(there(staging), { routing: { listen_port: there(production).port } });
    const { answer, exitCode } = await promote('--watch');
    expect(answer).toMatchObject({
      status: 'completed',
      promoted_from: { environment: 'shop', execution_id: run, digest: tested },
    });
    expect(exitCode).toBe(0);
    const expected = [`${scene.stack.registry.host}/shop@${tested}`];
    expect(await imagesOf(production)).toEqual(expected);
    const { version } = (await (await fetch(`http://127.0.0.1:${there(production).port}/`)).json()) as {
      version: string;
    };
    expect(version).toBe('1.0.0');
    const shown = await scene.sluice('app', 'show', 'shop', '--environment', 'production');
    expect(shown.answer).toMatchObject({ current: { digest: tested, promoted_from: { execution_id: run } } });
  });

  it('is refused as what the tag means by now, which nobody tried', async () => {
    await expect(scene.stack.plan(there(production), TAG)).rejects.toMatchObject({ code: 'PROMOTION_NEEDED' });
    expect((await promote()).answer).toMatchObject({ error: { code: 'PROMOTION_NOOP' } });
  });
});
