import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Server } from 'node:net';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrokerSession } from '../../../client/devices/gateway/broker-session.ts';
import { startMosquitto, type MosquittoServer } from '../../support/servers/mosquitto.ts';

const PUBACK = Buffer.from([0x40, 0x02]);

/** Hands everything on between a session and its broker, and tells what the session sent at once. */
function relayTo(port: number, onSent: (bytes: Buffer) => void): Server {
  return createServer((near) => {
    const far = connectTcp(port, '127.0.0.1');
    near.on('data', (bytes) => {
      onSent(bytes);
      far.write(bytes);
    });
    far.pipe(near);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('close', () => far.destroy());
  });
}

let broker: MosquittoServer;
let relay: Server;
let session: BrokerSession;
let onSent: (bytes: Buffer) => void = () => undefined;
let onRequest: () => void = () => undefined;

beforeEach(async () => {
  broker = await startMosquitto();
  relay = relayTo(broker.port, (bytes) => onSent(bytes)).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  await new Promise<void>((resolve, reject) => {
    session = new BrokerSession({
      url: `mqtt://127.0.0.1:${(relay.address() as AddressInfo).port}`,
      password: 'any',
      onMessage: () => onRequest(),
      onReady: resolve,
      onLost: () => undefined,
      onError: reject,
    });
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await session.close();
  relay.close();
  await broker.stop();
});

const answer = () => session.publish({ topic: 'answer', payload: '{}', qos: 1 });
const nothing = () => undefined;

/** Publishes one request as a device, does `at` when it is heard and `later` when that is over; the first that was sent. */
async function sentAfterRequest(at: () => void, later: () => void): Promise<Buffer> {
  const device = await connectAsync(broker.url);
  const sent = new Promise<Buffer>((resolve) => {
    onSent = resolve;
  });
  const heard = new Promise<void>((resolve) => {
    onRequest = () => {
      at();
      resolve();
    };
  });
  // From here on no time passes but by the test.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  device.publish('$aws/things/a/jobs/start-next', '{}', { qos: 1 });
  await heard;
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  later();
  const bytes = await sent;
  vi.useRealTimers();
  await device.endAsync();
  return bytes;
}

describe('acknowledgements of requests', () => {
  it('leave with the answers', async () => {
    const bytes = await sentAfterRequest(nothing, answer);
    expect(bytes.includes('answer')).toBe(true);
    expect(bytes.includes(PUBACK)).toBe(true);
  });

  it('keep back no answer that is given at once', async () => {
    const bytes = await sentAfterRequest(answer, nothing);
    expect(bytes.includes('answer')).toBe(true);
    expect(bytes.includes(PUBACK)).toBe(true);
  });

  it('leave by themselves when no answer comes', async () => {
    const bytes = await sentAfterRequest(nothing, () => void vi.advanceTimersByTime(10));
    expect(bytes.subarray(0, 2)).toEqual(PUBACK);
  });
});
