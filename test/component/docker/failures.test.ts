// What a real engine does rarely, or only on a machine that is in trouble.
import { once, EventEmitter } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { PinnedImage } from '#domain/ports/container-engine.port.ts';
import { newReplica } from '../../support/containers/replicas.ts';
import {
  says,
  startScriptedDaemon,
  streams,
  type Answer,
  type ScriptedDaemon,
} from '../../support/containers/scripted-daemon.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const IMAGE: PinnedImage = { pin: 'registry-digest', image: `r/shop@${DIGEST}`, digest: DIGEST, sizeBytes: null };
const REPLICA = newReplica({ spec: { image: IMAGE.image } });
const FULL = 'write /var/lib/docker/tmp/GetImageBlob1: no space left on device';

let daemon: ScriptedDaemon;
afterEach(() => daemon.close());
const script = async (answers: Readonly<Record<string, Answer>>) => {
  daemon = await startScriptedDaemon(answers);
  return daemon.engine;
};

describe('a pull', () => {
  const pull = async (answer: Answer) => {
    const engine = await script({ 'POST /images/create': answer });
    return engine.pullImage(IMAGE, { credentials: null });
  };

  it.each([
    ['ENGINE_DISK_FULL', streams({ status: 'Downloading', id: 'a1' }, { error: FULL })],
    ['ENGINE_DISK_FULL', says(500, FULL)],
    ['IMAGE_DIGEST_MISMATCH', streams({ error: `manifest verification failed for digest ${DIGEST}` })],
    ['IMAGE_DIGEST_MISMATCH', streams({ status: 'Pull complete', id: 'a1' })],
    ['IMAGE_NOT_FOUND', says(404, 'pull access denied for shop, repository does not exist')],
    ['IMAGE_PULL_FAILED', says(500, 'Get "https://r/v2/": dial tcp 10.0.0.1:443: i/o timeout')],
    ['IMAGE_PULL_FAILED', streams({ error: 'unexpected EOF' })],
    [
      'IMAGE_PULL_FAILED',
      (_request, response) => response.writeHead(200).write('{"status":', () => response.destroy()),
    ],
  ] satisfies [string, Answer][])('fails with %s, by the words within or before the answer', async (code, answer) => {
    await expect(pull(answer)).rejects.toMatchObject({ code });
  });

  it('ends with its caller, and the engine is told by the closed connection', async () => {
    const seen = new EventEmitter();
    const engine = await script({
      'POST /images/create': (request, response) => {
        request.socket.once('close', () => seen.emit('closed'));
        response.writeHead(200).write('{"status":"Downloading","id":"a1"}\n', () => seen.emit('begun'));
      },
    });
    const asked = new AbortController();
    const pulling = engine.pullImage(IMAGE, { credentials: null, signal: asked.signal });
    await once(seen, 'begun');
    const closed = once(seen, 'closed');
    asked.abort(new Error('cancelled'));
    await expect(pulling).rejects.toThrow('cancelled');
    await closed;
  });
});

describe('a refusal', () => {
  it('bears the words of the engine', async () => {
    const engine = await script({
      'POST /containers/create': says(400, 'invalid mount config: bind source path missing'),
    });
    await expect(engine.createReplica(REPLICA)).rejects.toMatchObject({
      code: 'ENGINE_REFUSED',
      message: 'engine scripted refused to create container shop-1-1: invalid mount config: bind source path missing',
    });
  });

  it('for a port that somebody has is named as that', async () => {
    const taken =
      'driver failed programming external connectivity: Bind for 0.0.0.0:8080 failed: port is already allocated';
    const engine = await script({ 'POST /containers/shop-1-1/start': says(500, taken) });
    await expect(engine.startReplica('shop-1-1')).rejects.toMatchObject({ code: 'ENGINE_PORT_TAKEN' });
  });

  it('for a full disk is named as that', async () => {
    const engine = await script({ 'POST /containers/create': says(500, FULL) });
    await expect(engine.createReplica(REPLICA)).rejects.toMatchObject({ code: 'ENGINE_DISK_FULL' });
  });

  it('because it is only starting is one for later', async () => {
    const engine = await script({ 'GET /containers/json': says(503, 'starting') });
    await expect(engine.listAll()).rejects.toMatchObject({ code: 'ENGINE_UNREACHABLE' });
  });
});

it.each(['task 5f64aee5a8f4: already exists', 'id already in use'])(
  'says that a container is stuck whose start a dying engine left half done: %s',
  async (words) => {
    const engine = await script({ 'POST /containers/shop-1-1/start': says(500, words) });
    await expect(engine.startReplica('shop-1-1')).rejects.toMatchObject({ code: 'CONTAINER_STUCK' });
  },
);

it('looks again when a name is taken by a container that cannot be seen yet', async () => {
  let creates = 0;
  const engine = await script({
    'POST /containers/create': (request, response) => {
      creates += 1;
      if (creates < 3) says(409, 'Conflict. The container name "/shop-1-1" is already in use')(request, response);
      else response.writeHead(201).end('{"Id":"c1"}');
    },
  });
  await expect(engine.createReplica(REPLICA)).rejects.toMatchObject({ code: 'CONTAINER_UNKNOWN' });
  expect(creates).toBe(3);
});

it('waits for a removal that is under way', async () => {
  let looks = 0;
  const found = { Id: 'c1', Name: '/shop-1-1', Config: { Labels: labelsOf(REPLICA.labels), Image: '' }, ...INSPECTED };
  const engine = await script({
    'GET /containers/': (request, response) => {
      looks += 1;
      if (looks < 4) response.end(JSON.stringify(found));
      else says(404, 'No such container')(request, response);
    },
    'DELETE /containers/c1': says(409, 'removal of container c1 is already in progress'),
  });
  await engine.removeReplica('shop-1-1');
  expect(looks).toBe(4);
});

it('does not wait for an answer that broke off', async () => {
  const engine = await script({
    'GET /containers/json': (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('[', () => response.destroy());
    },
  });
  const asked = new AbortController();
  const listing = engine.listAll({ signal: asked.signal });
  await expect.poll(() => daemon.asked.at(-1)).toBe('GET /containers/json');
  asked.abort(new Error('cancelled'));
  await expect(listing).rejects.toThrow('cancelled');
});

const INSPECTED = {
  Image: '',
  HostConfig: {},
  NetworkSettings: { Networks: {}, Ports: {} },
  State: { Status: 'exited', Running: false, StartedAt: '', FinishedAt: '', ExitCode: 0, OOMKilled: false },
};

const labelsOf = (labels: typeof REPLICA.labels): Record<string, string> => ({
  'sluice.port': '8080',
  ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`sluice.${name}`, String(value)])),
});
