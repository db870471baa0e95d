import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const LOCK_MODULE = join(import.meta.dirname, '../../../workers/setup/lock.mjs');
type Holder = ChildProcessByStdio<Writable, Readable, null>;

describe('the lock of the set-up', () => {
  let folder = '';
  const children: Holder[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-lock-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  /** A process that takes the lock, says `held`, and ends when its input does. */
  const contender = (): Holder => {
    const script = `const { acquireLock } = await import(${JSON.stringify(LOCK_MODULE)});
      await acquireLock(${JSON.stringify(folder)}); console.log('held'); process.stdin.resume();`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const said = async (child: Holder, text: string): Promise<void> => {
    child.stdout.setEncoding('utf8');
    for await (const chunk of child.stdout.iterator({ destroyOnReturn: false }))
      if (String(chunk).includes(text)) return;
    throw new Error(`ended without saying ${text}`);
  };

  it('makes a second set-up wait until the first is done', async () => {
    const first = contender();
    await said(first, 'held');
    const second = contender();
    await said(second, 'waiting');
    first.stdin.end();
    await said(second, 'held');
  });

  it('passes on at once when its holder was killed', async () => {
    const first = contender();
    await said(first, 'held');
    first.kill('SIGKILL');
    await said(contender(), 'held');
  });

  it('passes to one of two that wait for a killed holder', async () => {
    const dead = contender();
    await said(dead, 'held');
    const [a, b] = [contender(), contender()];
    await Promise.all([said(a, 'waiting'), said(b, 'waiting')]);
    dead.kill('SIGKILL');
    const held = [a, b].map((child) => said(child, 'held').then(() => child));
    const winner = await Promise.race(held);
    winner.stdin.end();
    expect(new Set(await Promise.all(held))).toEqual(new Set([a, b]));
  });

  it('passes on when the holder is of another machine and its heartbeat stopped', async () => {
    const path = join(folder, 'setup.lock');
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: `not-${hostname()}` }));
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    await said(contender(), 'held');
  });

  it('waits for a living holder of another machine', async () => {
    writeFileSync(join(folder, 'setup.lock'), JSON.stringify({ pid: 1, host: `not-${hostname()}` }));
    const child = contender();
    await said(child, 'waiting');
    expect(child.exitCode).toBeNull();
  });
});
