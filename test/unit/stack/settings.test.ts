import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, it } from 'vitest';
import { openContext } from '../../../client/cli/context-factory.ts';
import { readSettings, readUpSettings } from '../../../client/engine/settings.ts';
import { DEFAULT_PORTS } from '#domain/defaults.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('settings');
afterAll(() => folder.remove());
writeFileSync(
  join(folder.path, 'stack.json'),
  JSON.stringify({ ports: { mqtt: 45_001, postgres: 45_002 }, listenHost: '127.0.0.2' }),
);

const env = { SLUICE_DATA_DIR: folder.path, SLUICE_POSTGRES_PORT: '45003' };

it('a command finds the stack on the ports that it wrote down, unless variables say others', () => {
  expect(readSettings(env).ports).toMatchObject({ mqtt: 45_001, postgres: 45_003 });
  expect(readSettings(env).mqttUrl).toBe('mqtt://127.0.0.2:45001');
});

it('sluice up takes its own defaults, variables and flags, not the ports of a killed one', () => {
  expect(readUpSettings(env).ports).toEqual({ ...DEFAULT_PORTS, postgres: 45_003 });
  expect(readUpSettings(env, { mqtt: 45_004 }).mqttUrl).toBe('mqtt://127.0.0.1:45004');
});

it('listens for devices on this machine only, unless told otherwise', () => {
  expect(readUpSettings({})).toMatchObject({ listenHost: '127.0.0.1', httpUrl: 'http://127.0.0.1:5001' });
  expect(readUpSettings({ SLUICE_LISTEN_HOST: '192.0.2.7' })).toMatchObject({
    httpUrl: 'http://192.0.2.7:5001',
    mqttUrl: 'mqtt://192.0.2.7:1883',
    databaseUrl: expect.stringContaining('127.0.0.1:5433') as string,
    temporalAddress: '127.0.0.1:7233',
  });
  expect(readUpSettings({ SLUICE_LISTEN_HOST: '192.0.2.7' }, { listenHost: '192.0.2.8' }).listenHost).toBe('192.0.2.8');
});

it('listens on every address only with the one that devices are to use', () => {
  const every = { SLUICE_LISTEN_HOST: '0.0.0.0' };
  expect(() => readUpSettings(every)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(readUpSettings({ ...every, SLUICE_HTTP_URL: 'http://192.0.2.7:5001' })).toMatchObject({
    httpUrl: 'http://192.0.2.7:5001',
    mqttUrl: 'mqtt://127.0.0.1:1883',
  });
});

it.each(['localhost', '', '::', '1.2.3'])('refuses %j as an address to listen on', (address) => {
  expect(() => readSettings({ SLUICE_LISTEN_HOST: address })).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('the router tries again three times unless told never to, and takes no other number', () => {
  expect(readSettings({}).routerRetries).toBe(3);
  expect(readSettings({ SLUICE_HAPROXY_RETRIES: '0' }).routerRetries).toBe(0);
  expect(() => readSettings({ SLUICE_HAPROXY_RETRIES: '1' })).toThrow(expect.objectContaining({ code: 'USAGE' }));
});

it('only the command `up` is the one that starts', () => {
  const sink = { write: () => true };
  const mqttOf = (name: string): number =>
    openContext(new Command(name), { stdout: sink, stderr: sink, env }).context.settings.ports.mqtt;
  expect(mqttOf('up')).toBe(DEFAULT_PORTS.mqtt);
  expect(mqttOf('status')).toBe(45_001);
});
