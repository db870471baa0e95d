import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { StackUnderTest } from './stack-under-test.ts';

let stack: StackUnderTest;
beforeEach(async () => void (stack = await StackUnderTest.create()));
afterEach(() => stack.end());

/** Processes that make the cluster's files. */
const making = (): string[] =>
  readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && commandOf(pid).includes(`--pgdata=${stack.dataDirectory}/`),
  );

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

describe('sluice down', () => {
  it('stops what sluice up runs', async () => {
    const running = stack.up();
    await running.ready;
    const { code, stdout } = await stack.sluice(['down', '--output', 'json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stopped_pid: running.process.pid, leftovers_ended: 0 });
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(stack.runningParts()).toEqual([]);
  });

  it('ends what a killed one left, also when it was killed while it started', async () => {
    const running = stack.up();
    await eventually(() => expect(stack.runningParts().length).toBeGreaterThanOrEqual(2), 60_000);
    running.process.kill('SIGKILL');
    await running.ended;
    // More may have been on their way when it died.
    expect(stack.runningParts()).not.toEqual([]);
    const { code, stdout } = await stack.sluice(['down', '--output', 'json']);
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { stopped_pid: number | null; leftovers_ended: number };
    expect(report.stopped_pid).toBeNull();
    expect(report.leftovers_ended).toBeGreaterThanOrEqual(1);
    expect(stack.runningParts()).toEqual([]);
  });

  it('waits for the end of files that a killed one was making for PostgreSQL', async () => {
    const running = stack.up();
    await eventually(() => expect(making()).not.toEqual([]), 60_000);
    running.process.kill('SIGKILL');
    await running.ended;
    await stack.sluice(['down']);
    expect(making()).toEqual([]);
  });

  it('stops one that is still starting, with nothing left', async () => {
    const running = stack.up();
    await eventually(() => stack.pidOf('up'), 60_000);
    expect((await stack.sluice(['down'])).code).toBe(0);
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(stack.runningParts()).toEqual([]);
  });
});
