import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { liveRecord, writeRunRecord } from '../../../client/engine/stack/run-records.ts';
import { stopStack } from '../../../client/engine/stack/stop-stack.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';

const folder = makeTempFolder('stubborn');
const deaf = spawn(
  process.execPath,
  ['-e', "process.on('SIGINT', () => {}); console.log('deaf'); setInterval(() => {}, 1000)"],
  {
    stdio: ['ignore', 'pipe', 'ignore'],
  },
);
afterEach(() => {
  deaf.kill('SIGKILL');
  folder.remove();
});

it('a sluice up that does not stop when it is asked to is named, and left as it is', async () => {
  await once(deaf.stdout, 'data');
  const pid = deaf.pid ?? 0;
  const identity = { pid, startTicks: startTicksOf(pid) ?? 0 };
  writeRunRecord(folder.path, 'up', { ...identity, command: [], startedAt: new Date().toISOString(), restarts: 0 });
  await expect(stopStack(folder.path, 200)).rejects.toMatchObject({
    code: 'STACK_NOT_STOPPED',
    report: { hint: expect.stringContaining(`kill -9 ${pid}`) as string },
  });
  expect(liveRecord(folder.path, 'up')?.pid).toBe(pid);
});
