// Registries that want a password, lie, or forget: a small one that does as the test says, asked by a real engine.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { makeDockerBed, type DockerBed } from '../../support/containers/docker-bed.ts';
import { eventually } from '../../support/eventually.ts';

const MANIFEST = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
  config: { mediaType: 'application/vnd.docker.container.image.v1+json', size: 2, digest: `sha256:${'c'.repeat(64)}` },
  layers: [],
});
const DIGEST = `sha256:${createHash('sha256').update(MANIFEST).digest('hex')}`;
const OTHER_DIGEST = `sha256:${'d'.repeat(64)}`;
const CREDENTIALS = { username: 'deployer', password: 'geheim+/=' };

let bed: DockerBed;
let engine: ContainerEngine;
let registry: Server;
let host: string;
let wanted: string | null;

beforeAll(async () => {
  bed = await makeDockerBed();
  engine = bed.engine;
});
afterAll(() => bed.close());
beforeEach(async () => {
  wanted = null;
  registry = createServer((request, response) => {
    if (wanted !== null && request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end();
      return;
    }
    if (request.url === '/v2/') response.end('{}');
    else if (request.url?.includes('/manifests/')) {
      const type = { 'content-type': 'application/vnd.docker.distribution.manifest.v2+json' };
      response.writeHead(200, { ...type, 'content-length': MANIFEST.length, 'docker-content-digest': DIGEST });
      response.end(request.method === 'HEAD' ? '' : MANIFEST);
    } else response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}');
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
afterEach(async () => {
  registry.closeAllConnections();
  await new Promise((resolve) => registry.close(resolve));
});

it('is shown the password, and without it the image is not found', async () => {
  wanted = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`;
  const reference = `${host}/shop:1`;
  expect(await engine.pinImage(reference, CREDENTIALS)).toMatchObject({ digest: DIGEST });
  const refused = { code: 'IMAGE_NOT_FOUND', message: expect.stringMatching(/auth/) as string };
  await expect(engine.pinImage(reference, null)).rejects.toMatchObject(refused);
  const wrong = { ...CREDENTIALS, password: 'other' };
  await expect(engine.pinImage(reference, wrong)).rejects.toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  const image = { pin: 'registry-digest', image: `${host}/shop@${DIGEST}`, digest: DIGEST, sizeBytes: null } as const;
  // A connection that breaks on the way says nothing of the image, and is tried again by whoever pulls.
  await eventually(() => expect(engine.pullImage(image, { credentials: null })).rejects.toMatchObject(refused));
});

it('that gives other bytes than the digest says is caught', async () => {
  const image = { pin: 'registry-digest', image: `${host}/shop@${OTHER_DIGEST}`, digest: OTHER_DIGEST } as const;
  const pulled = engine.pullImage({ ...image, sizeBytes: null }, { credentials: null });
  await expect(pulled).rejects.toMatchObject({ code: 'IMAGE_DIGEST_MISMATCH' });
});

it('that lost the bytes of an image does not have it', async () => {
  const image = { pin: 'registry-digest', image: `${host}/shop@${DIGEST}`, digest: DIGEST, sizeBytes: null } as const;
  await expect(engine.pullImage(image, { credentials: null })).rejects.toMatchObject({
    code: expect.stringMatching(/^IMAGE_(NOT_FOUND|PULL_FAILED)$/) as string,
  });
});

it('that forgot a tag still has its digest, else the image is pinned by its id', async () => {
  const tag = bed.held.tag.replace(/:[^:]+$/, ':gone');
  const [, name = ''] = /^(.+):[^:]+$/.exec(tag) ?? [];
  await bed.dockerd.docker.getImage(bed.held.image).tag({ repo: name, tag: 'gone' });
  expect(await engine.pinImage(tag, null)).toMatchObject({ pin: 'registry-digest', image: bed.held.image });
  const gone = await fetch(`http://${bed.held.tag.split('/')[0]}/v2/shop/manifests/${bed.held.digest}`, {
    method: 'DELETE',
  });
  expect(gone.status).toBe(202);
  expect(await engine.pinImage(tag, null)).toMatchObject({ pin: 'image-id' });
});
