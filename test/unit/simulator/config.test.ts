import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../client/devices/simulator/config.schema.ts';

const device = { thing: 'd1', password: 'p', hardware: 'edge-a', firmware: '1.0.0' };
const config = { mqttUrl: 'mqtt://127.0.0.1:1883', publicKeyPem: 'PEM', ledgerPath: '/l', devices: [device] };

describe('the configuration', () => {
  it('fills in what is left out', () => {
    const { timings, faults, concurrentConnects } = parseConfig(JSON.stringify(config));
    expect(timings).toEqual({ downloadMs: 0, installMs: 0, rebootMs: 0, retryMs: 3000, jitterMs: 1000 });
    expect([faults, concurrentConnects]).toEqual([[], 64]);
  });

  it.each([
    ['an unknown key', { ...config, speed: 2 }, 'speed'],
    ['an unknown fault', { ...config, faults: [{ version: '*', mode: 'melt', percent: 1 }] }, 'faults.0.mode'],
    ['a thing with a slash', { ...config, devices: [{ ...device, thing: 'a/b' }] }, 'devices.0.thing'],
    ['a thing named twice', { ...config, devices: [device, device] }, 'named twice'],
  ])('refuses %s and says where', (_what, given, where) => {
    expect(() => parseConfig(JSON.stringify(given))).toThrow(where);
  });
});
