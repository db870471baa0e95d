import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFolderLock } from '../../../activities/adapters/haproxy/folder-lock.ts';
import { prepareRouterFiles } from '../../../activities/adapters/haproxy/router-files.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = makeTempFolder('router-folder');
});
afterEach(() => folder.remove());

const HOLDER = join(import.meta.dirname, '../../support/router/lock-holder.main.ts');

describe('the lock of a router’s folder', () => {
  it('lets one work after the other', async () => {
    const order: string[] = [];
    const work = (name: string) =>
      withFolderLock(folder.path, async () => {
        order.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(`${name} ends`);
      });
    await Promise.all([work('1'), work('2'), work('3')]);
    expect(order).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
  });

  it('passes on what its work throws, and is free afterwards', async () => {
    await expect(withFolderLock(folder.path, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await withFolderLock(folder.path, async () => 'free')).toBe('free');
  });

  it('keeps another process out as long as the holder lives, and not a moment longer', async () => {
    const holder = spawn(process.execPath, [HOLDER, folder.path], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(holder.stdout), 'line')) as [string];
    expect(line).toBe('held');
    const refused = withFolderLock(folder.path, async () => 'in', 100);
    await expect(refused).rejects.toMatchObject({ code: 'ROUTER_LOCKED' });
    const waiting = withFolderLock(folder.path, async () => 'in');
    holder.kill('SIGKILL');
    expect(await waiting).toBe('in');
  });
});

it('a file of routes that is no longer whole is refused, not written over', async () => {
  const place = { folder: folder.path, program: '/usr/sbin/haproxy' };
  writeFileSync(join(folder.path, 'desired.json'), '{"format": 1, "rou');
  await expect(prepareRouterFiles(place, { retries: 3 })).rejects.toMatchObject({ code: 'ROUTER_FOLDER_UNUSABLE' });
});
