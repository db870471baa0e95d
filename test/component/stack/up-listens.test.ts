import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { StackUnderTest } from './stack-under-test.ts';

// Another address of every Linux machine: what listens there alone cannot be met on 127.0.0.1.
const ADDRESS = '127.0.0.2';

let stack: StackUnderTest;
beforeEach(async () => void (stack = await StackUnderTest.create()));
afterEach(() => stack.end());

const answers = (host: string, variable: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: stack.port(variable) });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });

it('broker and HTTP server listen where they are told, nothing else does, and other commands find them', async () => {
  const running = stack.up({}, ['--listen-host', ADDRESS, '--output', 'json']);
  const { parts } = await running.ready;
  const [http, mqtt] = [stack.port('SLUICE_HTTP_PORT'), stack.port('SLUICE_MQTT_PORT')];
  expect(parts.find(({ name }) => name === 'http')?.address).toBe(`http://${ADDRESS}:${http}`);
  expect(parts.find(({ name }) => name === 'mosquitto')?.address).toBe(`${ADDRESS}:${mqtt}`);
  for (const variable of ['SLUICE_HTTP_PORT', 'SLUICE_MQTT_PORT']) {
    expect([await answers(ADDRESS, variable), await answers('127.0.0.1', variable)]).toEqual([true, false]);
  }
  for (const variable of ['SLUICE_POSTGRES_PORT', 'SLUICE_TEMPORAL_PORT']) {
    expect([await answers(ADDRESS, variable), await answers('127.0.0.1', variable)]).toEqual([false, true]);
  }
  await stack.expectWell();
  running.process.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0 });
});
