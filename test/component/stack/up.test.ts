import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import type { StackStatus } from '../../../client/engine/stack/status.ts';
import { EMBEDDED_PARTS, StackUnderTest, type RunningUp } from './stack-under-test.ts';

const RESTART_DEADLINE_MS = 40_000;

describe('sluice up', () => {
  let stack: StackUnderTest;
  let running: RunningUp;
  beforeAll(async () => {
    stack = await StackUnderTest.create();
    running = stack.up();
    await running.ready;
  });
  afterAll(() => stack.end());

  it('starts every part and says where it is', async () => {
    const { parts, pid } = await running.ready;
    expect(parts.map(({ name }) => name)).toEqual([...EMBEDDED_PARTS]);
    expect(parts.find(({ name }) => name === 'http')?.address).toBe(
      `http://127.0.0.1:${stack.port('SLUICE_HTTP_PORT')}`,
    );
    expect(readFileSync(join(stack.dataDirectory, 'up.pid'), 'utf8').trim()).toBe(String(pid));
    // One process from the command line to the supervisor: who signals `sluice up` reaches it.
    expect(pid).toBe(running.process.pid);
    expect(stack.runningParts()).toHaveLength(EMBEDDED_PARTS.length);
  });

  it('is well by sluice status, each part and the interface of Temporal', async () => {
    const { parts } = await stack.expectWell();
    expect(parts.map(({ name }) => name).sort()).toEqual([...EMBEDDED_PARTS, 'ui', 'up'].sort());
  });

  it('finds nothing to mend by sluice doctor', async () => {
    const { code, stdout } = await stack.sluice(['doctor']);
    expect(stdout).not.toContain('✗');
    expect(code).toBe(0);
  });

  it('refuses a second one for the same data', async () => {
    const { code, stdout } = await stack.up().ended;
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'STACK_ALREADY_RUNNING' } });
    expect(code).toBe(5);
    await stack.expectWell();
  });

  it.each(EMBEDDED_PARTS)('starts %s again when it is killed', async (name) => {
    const before = stack.pidOf(name);
    // Held, so that `status` meets the part dead before it can be started again.
    process.kill(stack.pidOf('up'), 'SIGSTOP');
    process.kill(before, 'SIGKILL');
    const met = await stack.sluice(['status', '--output', 'json']);
    const diagnosis = await stack.sluice(['doctor', '--output', 'json']);
    process.kill(stack.pidOf('up'), 'SIGCONT');
    expect(met.code).toBe(6);
    const { parts } = JSON.parse(met.stdout) as StackStatus;
    expect(parts.filter(({ state }) => state === 'down').map((part) => part.name)).toContain(name);
    const { without_it: without } = JSON.parse(diagnosis.stdout) as { without_it: string[] };
    expect(without.join()).toMatch(/ (is|are) away: /);
    await eventually(() => expect(stack.pidOf(name)).not.toBe(before), RESTART_DEADLINE_MS);
    await eventually(() => stack.expectWell(), RESTART_DEADLINE_MS);
    expect(stack.runningParts()).toHaveLength(EMBEDDED_PARTS.length);
  });

  it('leaves one of each part when it is killed itself and started again', async () => {
    process.kill(stack.pidOf('up'), 'SIGKILL');
    await running.ended;
    const left = stack.runningParts();
    expect(left).toHaveLength(EMBEDDED_PARTS.length);
    expect((await stack.sluice(['status'])).code).not.toBe(0);
    expect((await stack.sluice(['doctor'])).stdout).toContain('everything works until a part dies');
    running = stack.up();
    await running.ready;
    await stack.expectWell();
    const now = stack.runningParts();
    expect(now).toHaveLength(EMBEDDED_PARTS.length);
    expect(now.filter((pid) => left.includes(pid))).toEqual([]);
  });

  it('stops at SIGINT with nothing left', async () => {
    process.kill(stack.pidOf('up'), 'SIGINT');
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(stack.runningParts()).toEqual([]);
    expect(existsSync(join(stack.dataDirectory, 'up.pid'))).toBe(false);
    // PostgreSQL went down in good order: it has nothing to recover.
    expect(existsSync(join(stack.dataDirectory, 'postgres', 'postmaster.pid'))).toBe(false);
  });
});
