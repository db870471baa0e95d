// One look at each part from outside, as its users meet it. A probe throws when the part does not answer.
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import type { Client } from '@temporalio/client';

export interface Answer {
  /** What the part says it is; empty when it does not say. */
  readonly version: string;
  /** More for people: schema, pollers. */
  readonly detail: string;
}

const TIMEOUT_MS = 3_000;

/** Temporal's frontend, and the namespace in it. */
export async function probeTemporal(address: string, namespace: string): Promise<Answer> {
  const { connection } = await openTemporal(address, namespace);
  try {
    const { serverVersion } = await connection.workflowService.getClusterInfo({});
    return { version: serverVersion, detail: `namespace ${namespace}` };
  } finally {
    await connection.close();
  }
}

/** How many workers ask `taskQueue` for work, by Temporal's account of the last minutes. */
export async function countPollers(address: string, namespace: string, taskQueue: string): Promise<number> {
  const { connection } = await openTemporal(address, namespace);
  try {
    const queue = await connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: WORKFLOW_QUEUE,
    });
    return queue.pollers.length;
  } finally {
    await connection.close();
  }
}
const WORKFLOW_QUEUE = 1;

async function openTemporal(address: string, namespace: string): Promise<Client> {
  // gRPC goes on trying until its time is over; a refused connection can be told at once.
  const url = new URL(`grpc://${address}`);
  await acceptsConnections(url.hostname, Number(url.port));
  const { connectTemporal } = await import('../../../activities/adapters/temporal/connect.ts');
  return connectTemporal({ address, namespace }, TIMEOUT_MS);
}

function acceptsConnections(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}

/** PostgreSQL, and at which migration its schema stands (empty: none yet). */
export async function probePostgres(databaseUrl: string): Promise<Answer> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const server = await client.query<{ server_version: string }>('show server_version');
    const migrated = await client.query<{ at: string | null }>("select to_regclass('sluice.migrations')::text as at");
    const detail = migrated.rows[0]?.at ? `schema ${await newestMigration(client)}` : '';
    return { version: server.rows[0]?.server_version.split(' ')[0] ?? '', detail };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function newestMigration(client: { query: (sql: string) => Promise<{ rows: unknown[] }> }): Promise<string> {
  const { rows } = await client.query('select name from sluice.migrations order by id desc limit 1');
  return (rows[0] as { name: string } | undefined)?.name ?? '';
}

// MQTT 3.1.1 CONNECT, clean session, no client id, keep-alive 10 s.
const CONNECT = Buffer.from([0x10, 0x0c, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 10, 0, 0]);
const CONNACK = 0x20;

/** The broker; one that answers "not authorised" is well. */
export async function probeMqtt(mqttUrl: string): Promise<Answer> {
  const url = new URL(mqttUrl);
  const isTls = url.protocol === 'mqtts:' || url.protocol === 'ssl:';
  const place = { host: url.hostname, port: Number(url.port) || (isTls ? 8_883 : 1_883) };
  const socket = isTls ? connectTls({ ...place, servername: url.hostname }) : connectTcp(place);
  const [first] = await firstBytes(socket, CONNECT);
  if (first !== CONNACK) throw new Error('it answers, but not as an MQTT broker');
  return { version: '', detail: '' };
}

function firstBytes(socket: Socket, request: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`no answer in ${TIMEOUT_MS} ms`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes);
      socket.destroy();
    });
    socket.write(request);
  });
}

/** Anything that speaks HTTP at `url`; a status of 500 or more counts as not well. */
export async function probeHttp(url: string): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  await response.body?.cancel();
  if (response.status >= 500) throw new Error(`HTTP ${response.status}`);
  return { version: '', detail: '' };
}

/** HAProxy by its runtime socket. */
export async function probeRouter(folder: string): Promise<Answer> {
  const socket = connectTcp({ path: join(folder, 'admin.sock') });
  const text = (await firstBytes(socket, Buffer.from('show info\n'))).toString();
  const [, version] = /^Version: (\S+)/m.exec(text) ?? [];
  if (version === undefined) throw new Error('it answers, but not as HAProxy');
  return { version: version.split('-')[0] ?? version, detail: '' };
}

/** A Docker Engine by its socket. */
export async function probeEngine(socket: string): Promise<Answer> {
  const text = (await firstBytes(connectTcp({ path: socket }), Buffer.from(ASK_VERSION))).toString();
  const [, version = ''] = /"Version":"([^"]+)"/.exec(text) ?? [];
  if (!text.startsWith('HTTP/1.1 200')) throw new Error('it answers, but not as a Docker Engine');
  return { version: version.split('+')[0] ?? version, detail: '' };
}
const ASK_VERSION = 'GET /version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n';
