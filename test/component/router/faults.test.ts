import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Route } from '#domain/containers/route.ts';
import { createHaproxyRouter } from '../../../activities/adapters/haproxy/haproxy-router.ts';
import { prepareRouterFiles } from '../../../activities/adapters/haproxy/router-files.ts';
import { eventually } from '../../support/eventually.ts';
import { openHaproxyBed, type HaproxyBed } from '../../support/router/haproxy-bed.ts';
import { aRoute, memberOf } from '../../support/router/route-builder.ts';
import { get, getAll } from '../../support/router/router-client.ts';
import { startBackend, type TestBackend } from '../../support/router/test-backend.ts';
import { freePort } from '../../support/servers/ports.ts';

let bed: HaproxyBed;
let [old, next]: TestBackend[] = [];
let route: Route;
let port: number;
beforeEach(async () => {
  bed = await openHaproxyBed();
  [old, next] = [await bed.backend('old'), await bed.backend('next')];
  port = await freePort();
  route = aRoute('web', port, { members: [memberOf(old, 'a')] });
  await bed.serve(route);
});
afterEach(() => bed.close());

const rolledOut = (): Route => {
  if (!old || !next) throw new Error('no backends');
  return {
    ...route,
    canaryBasisPoints: 2_500,
    members: [memberOf(old, 'a', { weight: 33 }), memberOf(next, 'b')],
  };
};
const clients = Array.from({ length: 200 }, (_, index) => ({ 'x-client-id': `client-${index}` }));
const texts = async () => (await getAll(port, clients)).map(({ status, text }) => `${status} ${text}`);

describe('after a kill of HAProxy', () => {
  it('the files alone serve every client as before', async () => {
    await bed.serve(rolledOut());
    const before = await texts();
    await bed.server.restart();
    expect(await texts()).toEqual(before);
    expect(await bed.router.reconcile([rolledOut()])).toBe(false);
  });

  it('a drain is repaired by the next reconcile, within a second', async () => {
    if (!old || !next) throw new Error('no backends');
    const drained = { ...route, members: [memberOf(old, 'a', { state: 'drain' }), memberOf(next, 'a')] };
    await bed.serve(drained);
    await bed.server.restart();
    expect((await get(port)).text).toBe('next');
    const begun = performance.now();
    expect(await bed.router.reconcile([drained])).toBe(true);
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect((await bed.router.observe(route.key)).members).toMatchObject([{ state: 'drain', weight: 100 }, {}]);
    expect(await bed.router.reconcile([drained])).toBe(false);
  });

  it('with its folder emptied, it gets back all it is told', async () => {
    await bed.serve(rolledOut());
    const before = await texts();
    await bed.server.kill();
    rmSync(bed.place.folder, { recursive: true });
    await prepareRouterFiles(bed.place, { retries: 3 });
    await bed.server.restart();
    await expect(get(port)).rejects.toThrow();
    expect(await bed.router.reconcile([rolledOut()])).toBe(true);
    expect(await texts()).toEqual(before);
  });
});

describe('after a death of the writer', () => {
  it('between files and commands, the next reconcile gives the commands', async () => {
    await bed.serve(rolledOut());
    const later = { ...rolledOut(), canaryBasisPoints: 10_000 };
    const desired = join(bed.place.folder, 'desired.json');
    writeFileSync(
      desired,
      readFileSync(desired, 'utf8').replace(/"canaryBasisPoints": \d+/, '"canaryBasisPoints": 10000'),
    );
    expect(await bed.router.reconcile([later])).toBe(true);
    expect(await bed.router.observe(route.key)).toMatchObject({ canaryBasisPoints: 10_000 });
    expect(readFileSync(join(bed.place.folder, 'canary.map'), 'utf8')).toBe('test.web 10000\n');
  });

  it('between files and reload, the next reconcile reloads', async () => {
    const desired = join(bed.place.folder, 'desired.json');
    writeFileSync(desired, readFileSync(desired, 'utf8').replace('"/health"', '"/other"'));
    const { pid } = await bed.router.facts();
    expect(await bed.router.reconcile([route])).toBe(true);
    expect((await bed.router.facts()).pid).not.toBe(pid);
    expect(await bed.router.reconcile([route])).toBe(false);
  });
});

describe('what cannot be had', () => {
  it('a port that another program takes is named, and everything serves on and starts again', async () => {
    const rival = await startBackend('rival');
    const wanted = aRoute('api', rival.address.port, { members: route.members });
    await expect(bed.router.apply(wanted)).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `test.api cannot listen on 127.0.0.1:${rival.address.port}: another program listens there`,
    });
    expect((await get(port)).text).toBe('old');
    await bed.server.restart();
    expect((await get(port)).text).toBe('old');
    await rival.close();
    await bed.serve(wanted);
    expect((await get(rival.address.port)).text).toBe('old');
  });

  it('a configuration that HAProxy does not read is refused with its words before anything is written', async () => {
    const before = readFileSync(join(bed.place.folder, 'haproxy.cfg'), 'utf8');
    const program = join(bed.place.folder, 'refusing-haproxy');
    writeFileSync(program, '#!/bin/sh\necho "[ALERT] config : no such keyword" >&2\nexit 1\n');
    chmodSync(program, 0o755);
    const router = createHaproxyRouter({ ...bed.place, program });
    const refused = router.apply({ ...route, healthCheck: { path: '/other', expectedStatus: 200 }, generation: 2 });
    await expect(refused).rejects.toMatchObject({
      code: 'ROUTER_REFUSED',
      message: expect.stringContaining('no such keyword') as string,
    });
    expect(readFileSync(join(bed.place.folder, 'haproxy.cfg'), 'utf8')).toBe(before);
    await bed.router.apply(route);
    expect((await get(port)).text).toBe('old');
  });

  it('a reload that fails all the same leaves the files as they were, and the old worker serves', async () => {
    const before = readFileSync(join(bed.place.folder, 'haproxy.cfg'), 'utf8');
    // 192.0.2.1 is nobody's address: well formed, and free, as far as a look at the port can tell.
    const elsewhere = { ...route, generation: 2, listen: { host: '192.0.2.1', port } };
    await expect(bed.router.apply(elsewhere)).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect(readFileSync(join(bed.place.folder, 'haproxy.cfg'), 'utf8')).toBe(before);
    expect((await get(port)).text).toBe('old');
  });

  it('a dead router is told within seconds', async () => {
    await bed.server.kill();
    await expect(bed.router.apply(route)).rejects.toMatchObject({ code: 'ROUTER_UNREACHABLE' });
  });

  it('a command that HAProxy refuses comes with its words', async () => {
    const { createRuntimeClient } = await import('../../../activities/adapters/haproxy/runtime-client.ts');
    const client = createRuntimeClient(join(bed.place.folder, 'admin.sock'));
    const refused = client.tell(['set server be_test.web_a/nobody state ready']);
    await expect(refused).rejects.toMatchObject({
      code: 'ROUTER_REFUSED',
      message: expect.stringContaining('No such server') as string,
    });
  });
});

it('two writers at once take turns', async () => {
  const others = await Promise.all([freePort(), freePort(), freePort()]);
  const routers = others.map(() => createHaproxyRouter(bed.place));
  await Promise.all(
    routers.map((router, index) =>
      router.apply(aRoute(`app-${index}`, others[index] ?? 0, { members: route.members })),
    ),
  );
  for (const each of others) await eventually(async () => expect((await get(each)).text).toBe('old'));
});
