import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { MqttHealthCheck } from '#domain/plan/health-check.ts';
import { runHealthCheck } from '../../../activities/runtime/run-health-check.ts';
import { startMosquitto, type MosquittoServer } from '../../support/servers/mosquitto.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let broker: MosquittoServer;
let folder: TempFolder;

beforeAll(async () => {
  folder = makeTempFolder('mqtt-check');
  broker = await startMosquitto();
});
afterAll(async () => {
  await broker.stop();
  folder.remove();
});

const check = (changes: Partial<MqttHealthCheck> = {}): MqttHealthCheck => ({
  type: 'mqtt',
  name: 'devices',
  broker: broker.url,
  topic: 'health/check',
  timeoutMs: 2_000,
  retryCount: 0,
  credentials: null,
  ...changes,
});

const run = (of: MqttHealthCheck, env: NodeJS.ProcessEnv = {}) =>
  runHealthCheck(of, {
    dataDirectory: folder.path,
    env,
    signal: new AbortController().signal,
    budgetMs: 60_000,
    wait: () => Promise.resolve(),
  });

describe('an mqtt health check', () => {
  it('is well when messages get through the broker', async () => {
    expect(await run(check())).toMatchObject({ healthy: true, tries: 1, seen: { kind: 'heard' } });
  });

  it('is well when somebody else’s message arrives on a topic with wildcards', async () => {
    const device = await connectAsync(broker.url);
    await device.publishAsync('health/d-1', 'well', { retain: true, qos: 1 });
    expect(await run(check({ topic: 'health/+' }))).toMatchObject({ healthy: true });
    await device.endAsync();
  });

  it('is ill when nothing arrives in time', async () => {
    const silent = await run(check({ topic: 'silence/#', timeoutMs: 300 }));
    expect(silent).toMatchObject({ healthy: false, summary: 'devices: no message on silence/# within 300 ms' });
  });

  it('is ill when there is no broker, after all its tries', async () => {
    const away = await run(check({ broker: 'mqtt://127.0.0.1:1', timeoutMs: 500, retryCount: 2 }));
    expect(away).toMatchObject({ healthy: false, tries: 3 });
  });

  it('brings the broker its credentials, and shows them to nobody', async () => {
    const passwords = join(folder.path, 'passwd');
    writeFileSync(passwords, 'checker:tr0ub4dor\n', { mode: 0o600 });
    spawnSync('mosquitto_passwd', ['-U', passwords]);
    const guarded = await startMosquitto({
      configuration: ({ port }) =>
        `listener ${port} 127.0.0.1\nuser root\nallow_anonymous false\npassword_file ${passwords}\n`,
    });
    try {
      const withPassword = (secretRef: string) =>
        check({ broker: guarded.url, credentials: { username: 'checker', password: { secretRef } } });
      writeFileSync(join(folder.path, 'checker.secret'), 'tr0ub4dor\n');
      const well = await run(withPassword('file:checker.secret'));
      expect(well).toMatchObject({ healthy: true });
      expect(JSON.stringify(well)).not.toContain('tr0ub4dor');
      const wrong = await run(withPassword('env:CHECKER'), { CHECKER: 'wrong-one' });
      expect(wrong.healthy).toBe(false);
      expect(JSON.stringify(wrong)).not.toContain('wrong-one');
      await expect(run(withPassword('env:UNSET'))).rejects.toMatchObject({ code: 'SECRET_UNRESOLVED' });
    } finally {
      await guarded.stop();
    }
  });
});
