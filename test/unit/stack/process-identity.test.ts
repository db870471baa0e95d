import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { isRunning, ownIdentity, startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { eventually } from '../../support/eventually.ts';

describe('the identity of a process', () => {
  it('holds for this process, and not for another one with its pid', () => {
    const own = ownIdentity();
    expect(isRunning(own)).toBe(true);
    expect(isRunning({ ...own, startTicks: own.startTicks + 1 })).toBe(process.platform !== 'linux');
  });

  it('ends with the process', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const identity = { pid, startTicks: startTicksOf(pid) ?? 0 };
    expect(isRunning(identity)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await eventually(() => expect(isRunning(identity)).toBe(false));
  });
});
