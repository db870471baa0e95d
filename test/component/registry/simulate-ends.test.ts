// The devices of `device simulate` are a program of their own: they must end with the command, however that ends.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { eventually } from '../../support/eventually.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const SLUICE = join(import.meta.dirname, '../../../client/cli/sluice.mjs');

let engine: TestEngine;
beforeAll(async () => void (engine = await openTestEngine()));
afterAll(() => engine.close());

/** Devices that find no broker, and say so every few seconds. */
function simulate(): ChildProcess {
  const args = ['device', 'simulate', '--count', '2', '--output', 'json', '--data-dir', engine.folder];
  return spawn(process.execPath, [SLUICE, ...args], {
    env: { ...process.env, SLUICE_DATABASE_URL: engine.databaseUrl, SLUICE_MQTT_URL: 'mqtt://127.0.0.1:1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

function childOf(pid: number | undefined): number {
  const child = readdirSync('/proc')
    .map(Number)
    .find((one) => Number.isInteger(one) && parentOf(one) === pid);
  if (child === undefined) throw new Error(`${String(pid)} has no child`);
  return child;
}

function parentOf(pid: number): number | null {
  try {
    return Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return null;
  }
}

describe('simulated devices', () => {
  it.each([
    ['is killed', (command: ChildProcess) => command.kill('SIGKILL')],
    ['loses the reader of its output', (command: ChildProcess) => command.stdout?.destroy()],
  ])('end when their command %s', async (_how, end) => {
    const command = simulate();
    await once(command.stdout ?? command, 'data');
    const devices = childOf(command.pid);
    end(command);
    await eventually(() => expect(startTicksOf(devices)).toBeNull());
    await eventually(() => expect(command.exitCode ?? command.signalCode).not.toBeNull());
  });
});
