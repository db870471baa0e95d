import { createServer as createHttpServer, type RequestListener, type Server as HttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Probe, ProbeTiming } from '#domain/containers/probe.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import { awaitReady, type ReadyTools } from '../../../activities/containers/await-ready.ts';
import { probeInstance, type ProbedInstance } from '../../../activities/containers/probe-instance.ts';

const timing: ProbeTiming = { everyMs: 1_000, timeoutMs: 2_000, healthyAfter: 1, unhealthyAfter: 3 };
const http: Probe = { kind: 'http', path: '/health', expectedStatus: 200, timing };
const tcp: Probe = { kind: 'tcp', timing };
const command: Probe = { kind: 'command', command: ['check', '--all'], timing };

let service: HttpServer;
let answer: RequestListener;
let connections: number;
let instance: ProbedInstance;
let runs: ContainerEngine['run'];
let stop: AbortController;

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listen<S extends Server>(server: S): Promise<S> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

beforeEach(async () => {
  answer = (_request, response) => response.end('fine');
  connections = 0;
  service = await listen(createHttpServer((request, response) => answer(request, response)));
  service.on('connection', () => (connections += 1));
  instance = { name: 'shop-7-1', host: '127.0.0.1', port: portOf(service) };
  runs = () => Promise.reject(new Error('no command was expected'));
  stop = new AbortController();
});
afterEach(() => {
  service.closeAllConnections();
  service.close();
});

const tools = (changes: Partial<ReadyTools> = {}): ReadyTools => ({
  engine: { run: (...call) => runs(...call) },
  signal: stop.signal,
  withinMs: 10_000,
  howExited: () => Promise.resolve(null),
  ...changes,
});

/** Where nobody listens. */
async function closedPort(): Promise<number> {
  const server = await listen(createServer());
  const port = portOf(server);
  await new Promise<unknown>((resolve) => server.close(resolve));
  return port;
}

describe('an http probe', () => {
  it('is well at the expected status, by a connection that is not kept', async () => {
    expect(await probeInstance(http, instance, tools())).toMatchObject({
      kind: 'well',
      seen: { asked: `GET http://127.0.0.1:${instance.port}/health`, status: 200, answer: 'fine' },
    });
    await probeInstance(http, instance, tools());
    expect(connections).toBe(2);
  });

  it('is unwell at any other, with the head of the answer and none of its secrets', async () => {
    answer = (_request, response) => response.writeHead(503).end(`password=hunter2 ${'x'.repeat(9_000)}`);
    const got = await probeInstance(http, instance, tools());
    expect(got).toMatchObject({ kind: 'unwell', why: '503 instead of 200' });
    expect(String(got.seen['answer'])).toMatch(/^password=\[redacted\] x+$/);
    expect(String(got.seen['answer']).length).toBeLessThan(2_100);
  });

  it('takes a redirection as the answer', async () => {
    answer = (_request, response) => response.writeHead(302, { location: '/login' }).end();
    expect(await probeInstance(http, instance, tools())).toMatchObject({ kind: 'unwell', why: '302 instead of 200' });
  });

  it('is unwell when nobody listens, or nobody answers in time', async () => {
    const closed = { ...instance, port: await closedPort() };
    expect(await probeInstance(http, closed, tools())).toMatchObject({
      kind: 'unwell',
      why: expect.stringContaining('ECONNREFUSED') as string,
    });
    answer = () => undefined;
    const hasty: Probe = { ...http, timing: { ...timing, timeoutMs: 60 } };
    expect(await probeInstance(hasty, instance, tools())).toMatchObject({
      kind: 'unwell',
      why: 'no answer within 60 ms',
    });
  });

  it('is unwell when the answer breaks off', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half');
      response.destroy();
    };
    expect(await probeInstance(http, instance, tools())).toMatchObject({ kind: 'unwell' });
  });

  it('ends when it is cancelled', async () => {
    answer = () => stop.abort(new Error('cancelled'));
    await expect(probeInstance(http, instance, tools())).rejects.toThrow('cancelled');
  });
});

describe('a tcp probe', () => {
  it('is well when the port takes a connection, and unwell when it does not', async () => {
    expect(await probeInstance(tcp, instance, tools())).toMatchObject({ kind: 'well' });
    const closed = { ...instance, port: await closedPort() };
    expect(await probeInstance(tcp, closed, tools())).toMatchObject({
      kind: 'unwell',
      why: expect.stringContaining('ECONNREFUSED') as string,
    });
  });
});

describe('a command probe', () => {
  it('is well when it ends with 0 inside the container', async () => {
    const asked: unknown[] = [];
    runs = async (name, words, timeoutMs) => {
      asked.push([name, words, timeoutMs]);
      return { exitCode: 0, output: 'ok token=hunter2' };
    };
    expect(await probeInstance(command, instance, tools())).toEqual({
      kind: 'well',
      seen: { asked: 'check --all', exitCode: 0, output: 'ok token=[redacted]' },
    });
    expect(asked).toEqual([['shop-7-1', ['check', '--all'], 2_000]]);
  });

  it('is unwell when it fails, and when nothing can be found out', async () => {
    runs = () => Promise.resolve({ exitCode: 3, output: 'no disk' });
    expect(await probeInstance(command, instance, tools())).toMatchObject({ kind: 'unwell', why: 'check exited 3' });
    runs = () => Promise.reject(new Error('the engine is away'));
    expect(await probeInstance(command, instance, tools())).toMatchObject({
      kind: 'unwell',
      why: 'the engine is away',
    });
  });
});

describe('the wait for an instance', () => {
  it('ends as soon as it is ready', async () => {
    let asked = 0;
    answer = (_request, response) => response.writeHead((asked += 1) < 4 ? 503 : 200).end();
    const got = await awaitReady(http, instance, tools());
    expect(got).toMatchObject({ kind: 'ready', name: 'shop-7-1', asked: 4, seen: { status: 200 } });
    expect(got.tookMs).toBeLessThan(2_000);
  });

  it('takes only good answers in a row', async () => {
    const statuses = [200, 200, 503, 200, 200, 200];
    answer = (_request, response) => response.writeHead(statuses.shift() ?? 500).end();
    const patient: Probe = { ...http, timing: { ...timing, healthyAfter: 3 } };
    expect(await awaitReady(patient, instance, tools())).toMatchObject({ kind: 'ready', asked: 6 });
  });

  it('ends at the deadline with the last answer', async () => {
    answer = (_request, response) => response.writeHead(503).end('warming up');
    expect(await awaitReady(http, instance, tools({ withinMs: 200 }))).toMatchObject({
      kind: 'late',
      why: 'not ready within 200 ms: 503 instead of 200',
      seen: { answer: 'warming up' },
    });
  });

  it('is not kept past the deadline by an instance that does not answer', async () => {
    answer = () => undefined;
    const slow: Probe = { ...http, timing: { ...timing, timeoutMs: 60_000 } };
    expect(await awaitReady(slow, instance, tools({ withinMs: 150 }))).toMatchObject({ kind: 'late', asked: 1 });
  });

  it('ends when the container has, though its address keeps silent', async () => {
    answer = () => undefined;
    const slow: Probe = { ...http, timing: { ...timing, timeoutMs: 60_000 } };
    const howExited = () => Promise.resolve('exited 1');
    expect(await awaitReady(slow, instance, tools({ withinMs: 60_000, howExited }))).toMatchObject({
      kind: 'exited',
      why: 'exited 1',
      seen: null,
    });
  });

  it('goes on while the engine says nothing', async () => {
    let looks = 0;
    answer = (_request, response) => response.writeHead(looks < 3 ? 503 : 200).end();
    const howExited = () => {
      looks += 1;
      return Promise.reject(new Error('the engine is away'));
    };
    expect(await awaitReady(http, instance, tools({ howExited }))).toMatchObject({ kind: 'ready' });
  });

  it('ends when it is cancelled', async () => {
    answer = (_request, response) => {
      response.writeHead(503).end();
      stop.abort(new Error('cancelled'));
    };
    await expect(awaitReady(http, instance, tools())).rejects.toThrow('cancelled');
  });
});
