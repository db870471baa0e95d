import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { isRunning, startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { eventually } from '../../support/eventually.ts';
import type { LeftBehind } from '../../support/servers/dockerd-with-container.main.ts';
import { startDockerd } from '../../support/servers/dockerd.ts';

const OWNER = fileURLToPath(new URL('../../support/servers/dockerd-with-container.main.ts', import.meta.url));

it('an engine whose test was killed is dead at once, and the next start clears its containers, mounts, bridge and folder', async () => {
  const owner = spawn(process.execPath, [OWNER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { value } = (await createInterface(owner.stdout)[Symbol.asyncIterator]().next()) as { value: string };
  const left = JSON.parse(value) as LeftBehind;
  const container = { pid: left.containerPid, startTicks: startTicksOf(left.containerPid) ?? 0 };
  expect(isRunning(container)).toBe(true);
  owner.kill('SIGKILL');
  await eventually(() => expect(startTicksOf(left.enginePid)).toBeNull());
  const next = await startDockerd();
  try {
    // Another start beside this one may be at it.
    await eventually(() => expect(existsSync(left.folder)).toBe(false));
    expect(isRunning(container)).toBe(false);
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(left.folder);
    // Perhaps it is the next one's by now; nothing of the old is on it.
    expect(next.bridge === left.bridge || !existsSync(`/sys/class/net/${left.bridge}`)).toBe(true);
  } finally {
    await next.stop();
  }
});
