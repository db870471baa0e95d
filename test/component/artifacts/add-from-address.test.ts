import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sha256 } from '#domain/ids.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { addArtifact, type AddArtifactInput } from '../../../client/engine/artifacts/add-artifact.ts';
import { listArtifacts } from '../../../client/engine/artifacts/show-artifact.ts';
import { FirmwareServer } from '../../support/registry/firmware-server.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const BYTES = Buffer.from('firmware one '.repeat(5_000));
const SHA256 = createHash('sha256').update(BYTES).digest('hex') as Sha256;
const PAGE = '<!doctype html><title>Sign in</title>';
/** Nobody waits for a server that says nothing. */
const IMPATIENT = { connectMs: 200, stallMs: 200 };

let engine: TestEngine;
let server: FirmwareServer;
let other: FirmwareServer;

beforeAll(async () => {
  [engine, server, other] = await Promise.all([openTestEngine(), FirmwareServer.start(), FirmwareServer.start()]);
  server.at('/firmware.bin', (_request, response) => response.end(BYTES));
  other.at('/moved.bin', (_request, response) => response.end(BYTES));
  other.at('/sign-in', (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE),
  );
});
afterAll(async () => {
  await Promise.all([server.stop(), other.stop()]);
  await engine.close();
});
beforeEach(async () => {
  await (await engine.deps.database()).query('truncate artifacts');
  rmSync(join(engine.folder, 'artifacts'), { recursive: true, force: true });
  server.requests.length = 0;
  other.requests.length = 0;
});

function add(source: string, changes: Partial<AddArtifactInput> & { readonly sha256?: string } = {}) {
  const { sha256 = null, ...rest } = changes;
  return addArtifact(engine.deps, {
    source,
    label: { name: 'edge', version: '1.1.0', hardware: ['edge-a'], minimumVersion: null, sha256 },
    signingKeyFile: null,
    by: { name: 'ada', roles: [], verified: false },
    ...rest,
  });
}

async function refusalOf(adding: Promise<unknown>) {
  const error: unknown = await adding.catch((reason: unknown) => reason);
  // Whatever went wrong, nothing of it stays.
  const folder = join(engine.folder, 'artifacts');
  expect(existsSync(folder) ? readdirSync(folder) : []).toEqual([]);
  expect(await listArtifacts(engine.deps, null)).toEqual([]);
  return (error as { report: { code: string; message: string; hint: string } }).report;
}

describe('firmware from an address', () => {
  it('is what the server has, and no secret of the link is kept', async () => {
    const { artifact } = await add(`http://ci:pass%20word@${server.host}/firmware.bin?token=s3cr3t`);
    expect(artifact.sha256).toBe(SHA256);
    const url = `${server.base}/firmware.bin`;
    expect(artifact.provenance.source).toEqual({ kind: 'url', url, finalUrl: url });
    const authorization = `Basic ${Buffer.from('ci:pass word').toString('base64')}`;
    expect(server.requests[0]?.headers).toMatchObject({ authorization, 'accept-encoding': 'identity' });
  });

  it('tells how far it is', async () => {
    const told: [number, number | null][] = [];
    const url = server.at('/sized.bin', (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length }).end(BYTES);
    });
    await add(url, { onProgress: (received, of) => void told.push([received, of]) });
    expect(told.at(-1)).toEqual([BYTES.length, BYTES.length]);
  });

  it('is refused when there is no answer, another one, or one that breaks off', async () => {
    const cut = server.at('/cut.bin', (_request, response) => {
      response.writeHead(200, { 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 1_000), () => response.destroy());
    });
    const torn = server.at('/torn.bin', (_request, response) => {
      response.write(BYTES, () => response.destroy());
    });
    const empty = server.at('/empty.bin', (_request, response) => response.writeHead(204).end());
    expect((await refusalOf(add(`${server.base}/nothing`))).message).toContain('the answer is 404 Not Found');
    expect((await refusalOf(add(empty))).message).toContain('204');
    for (const source of [cut, torn, 'http://127.0.0.1:1/x', 'ftp://127.0.0.1/x', 'http://']) {
      expect((await refusalOf(add(source))).code).toBe('ARTIFACT_UNREADABLE');
    }
  });
});

describe('firmware behind a redirect', () => {
  const redirect = (path: string, location: string, status = 302) =>
    server.at(path, (_request, response) => response.writeHead(status, { location }).end('elsewhere'));

  it('is taken with both addresses kept, and the password goes to the first alone', async () => {
    redirect('/next.bin', `${other.base}/moved.bin?signature=s3cr3t`, 307);
    redirect('/first.bin', '/next.bin', 301);
    const { artifact } = await add(`http://ci:secret@${server.host}/first.bin`);
    expect(artifact.sha256).toBe(SHA256);
    expect(artifact.provenance.source).toEqual({
      kind: 'url',
      url: `${server.base}/first.bin`,
      finalUrl: `${other.base}/moved.bin`,
    });
    expect(server.requests.map(({ headers }) => headers['authorization'] !== undefined)).toEqual([true, true]);
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('is refused when that ends at a page to sign in, unless the page is what is meant', async () => {
    const url = redirect('/private.bin', `${other.base}/sign-in`);
    const report = await refusalOf(add(url));
    expect(report.message).toContain('the answer is a page (text/html; charset=utf-8), perhaps a sign-in');
    expect(report.message).toContain(`${other.base}/sign-in`);
    expect(report.hint).toContain('--sha256');
    const sha256 = createHash('sha256').update(PAGE).digest('hex');
    expect((await add(url, { sha256 })).artifact.sha256).toBe(sha256);
  });

  it.each([
    ['in a circle', '/circle.bin', '/circle.bin', 'more than 5 times'],
    ['nowhere', '/nowhere.bin', 'http://', 'without a place to go to'],
    ['to another protocol', '/file.bin', 'file:///etc/passwd', 'which is no http(s)'],
  ])('is refused when it leads %s', async (_where, path, location, why) => {
    expect((await refusalOf(add(redirect(path, location)))).message).toContain(why);
  });
});

describe('firmware that a server packs although it was not asked to', () => {
  it.each(['gzip', 'br', 'x-unknown'])('is refused: %s', async (encoding) => {
    const url = server.at('/packed.bin', (_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(BYTES));
    });
    const report = await refusalOf(add(url, { sha256: SHA256 }));
    expect(report.message).toContain(`the answer is packed (${encoding})`);
  });

  it('is stored as it is when it is a packed file', async () => {
    const packed = gzipSync(BYTES);
    const url = server.at('/firmware.gz', (_request, response) =>
      response.writeHead(200, { 'content-type': 'application/gzip', 'content-encoding': 'identity' }).end(packed),
    );
    const { artifact } = await add(url);
    expect(readFileSync(artifactPath(engine.folder, artifact.sha256))).toEqual(packed);
  });
});

describe('firmware without end', () => {
  it('is refused at the limit, and leaves nothing', async () => {
    const url = server.at('/endless.bin', (_request, response) => {
      createReadStream('/dev/zero').pipe(response);
      response.on('error', () => undefined);
    });
    const report = await refusalOf(add(url, { limits: { maxSizeBytes: 3_000_000 } }));
    expect(report).toMatchObject({ code: 'ARTIFACT_TOO_LARGE', hint: expect.stringContaining('--max-size') as string });
  });

  it('is refused before its first byte when the server announces it', async () => {
    const url = server.at('/large.bin', (_request, response) =>
      response.writeHead(200, { 'content-length': 10 ** 12 }).flushHeaders(),
    );
    expect((await refusalOf(add(url))).code).toBe('ARTIFACT_TOO_LARGE');
  });

  it('is refused from a file too', async () => {
    expect((await refusalOf(add('/dev/zero', { limits: { maxSizeBytes: 1_000_000 } }))).code).toBe(
      'ARTIFACT_TOO_LARGE',
    );
    const limits = { maxSizeBytes: 100 };
    const file = join(import.meta.dirname, 'add-from-address.test.ts');
    expect((await refusalOf(add(file, { limits }))).code).toBe('ARTIFACT_TOO_LARGE');
  });
});

describe('a server that keeps one waiting', () => {
  it.each([
    ['says nothing', () => undefined],
    ['stops in the middle', (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(50_000)}`)],
    ['gives a byte now and then', drip],
  ])('is given up when it %s', async (_what, behave) => {
    const silent = await listen(behave);
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/x`;
    const report = await refusalOf(add(url, { limits: IMPATIENT }));
    expect(report.message).toContain('hardly a byte came for 0.2 s');
    silent.close();
  });

  it('is given up when it does not even shake hands', async () => {
    const mute = await listen(() => undefined);
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/x`;
    const report = await refusalOf(add(url, { limits: { connectMs: 100 } }));
    expect(report).toMatchObject({ code: 'ARTIFACT_UNREADABLE' });
    expect(report.message).toMatch(/connect timeout/i);
    mute.close();
  });
});

function drip(socket: Socket): void {
  socket.write('HTTP/1.1 200 OK\r\n\r\n');
  const timer = setInterval(() => socket.write('x'), 20);
  socket.once('close', () => clearInterval(timer));
}

function listen(behave: (socket: Socket) => unknown): Promise<Server> {
  return new Promise((resolve) => {
    const listening = createServer((socket) => {
      socket.on('error', () => undefined);
      // Not before the question came: an answer that is ahead of it is none.
      socket.once('data', () => behave(socket));
    });
    listening.listen(0, '127.0.0.1', () => resolve(listening));
  });
}
