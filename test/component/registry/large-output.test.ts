import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDevices } from '../../../client/engine/devices/register-devices.ts';
import { deviceOfObject } from '../../../client/engine/devices/parse-row.ts';
import { createGroup } from '../../../client/engine/groups/create-group.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const ENTRY = fileURLToPath(new URL('../../../client/cli/sluice.mjs', import.meta.url));
const DEVICES = 20_000;

let engine: TestEngine;
beforeAll(async () => {
  engine = await openTestEngine();
  const rows = Array.from({ length: DEVICES }, (_, at) => ({
    thing: `device-${at}`,
    hardware: 'edge-a',
    firmware: '1.0.0',
    tags: { half: String(at % 2) },
  }));
  await registerDevices(
    engine.deps,
    rows.map((row, at) => deviceOfObject(row, at)).flatMap((row) => (row.kind === 'device' ? [row.device] : [])),
  );
  await createGroup(engine.deps, { name: 'half', filter: 'device.tags.half == "0"' });
});
afterAll(() => engine.close());

/** What the command itself, a process of its own, writes into a pipe. */
async function piped(...argv: string[]): Promise<{ devices: { thing: string; password?: string }[] }> {
  const child = spawn(process.execPath, [ENTRY, '--data-dir', engine.folder, ...argv, '--output', 'json'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, SLUICE_DATABASE_URL: engine.databaseUrl },
  });
  return JSON.parse(await text(child.stdout)) as Awaited<ReturnType<typeof piped>>;
}

describe('a large fleet comes whole through a pipe', () => {
  it('as a list', async () => {
    expect((await piped('device', 'list', '--limit', String(DEVICES))).devices).toHaveLength(DEVICES);
  });

  it('as the credentials of a group', async () => {
    const { devices } = await piped('device', 'credentials', '--group', 'half');
    expect(devices).toHaveLength(DEVICES / 2);
    expect(new Set(devices.map(({ password }) => password)).size).toBe(DEVICES / 2);
  });
});
