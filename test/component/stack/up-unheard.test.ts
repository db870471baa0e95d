// `sluice up` whose output nobody reads any more: a closed terminal, a pipe whose reader has left.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { EMBEDDED_PARTS, StackUnderTest } from './stack-under-test.ts';

const DEADLINE_MS = 60_000;

let stack: StackUnderTest;
beforeEach(async () => void (stack = await StackUnderTest.create()));
afterEach(() => stack.end());

describe('sluice up', () => {
  it('goes on restarting parts when the reader of its pipe has left', async () => {
    const running = stack.up({}, []);
    const up = running.process;
    const [first] = (await once(up.stdout ?? up, 'data')) as [Buffer];
    expect(first.toString()).toBe(
      '  starting PostgreSQL, Temporal, mosquitto, HAProxy, worker, gateway, HTTP server …\n',
    );
    up.stdout?.destroy();
    up.stderr?.destroy();
    await eventually(() => stack.expectWell(), DEADLINE_MS);
    const before = stack.pidOf('http');
    process.kill(before, 'SIGKILL');
    await eventually(() => expect(stack.pidOf('http')).not.toBe(before), DEADLINE_MS);
    await eventually(() => stack.expectWell(), DEADLINE_MS);
    expect(stack.pidOf('up')).toBe(up.pid);
  });

  it('stops in good order when its terminal is closed', async () => {
    const terminal = stack.upInTerminal();
    await eventually(() => stack.expectWell(), DEADLINE_MS);
    expect(stack.runningParts()).toHaveLength(EMBEDDED_PARTS.length);
    terminal.kill('SIGKILL');
    await eventually(() => expect(stack.runningParts()).toEqual([]), DEADLINE_MS);
    await eventually(() => expect(existsSync(join(stack.dataDirectory, 'up.pid'))).toBe(false), DEADLINE_MS);
    expect(existsSync(join(stack.dataDirectory, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});
