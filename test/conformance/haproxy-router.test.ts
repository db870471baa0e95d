import { join } from 'node:path';
import { backendName, routeName } from '../../activities/adapters/haproxy/names.ts';
import { createRuntimeClient } from '../../activities/adapters/haproxy/runtime-client.ts';
import { openHaproxyBed } from '../support/router/haproxy-bed.ts';
import { get, openStream } from '../support/router/router-client.ts';
import type { TestBackend } from '../support/router/test-backend.ts';
import { freePort } from '../support/servers/ports.ts';
import { routerConformance } from './router.suite.ts';

routerConformance('HAProxy', async () => {
  const { router, place, server, backend, close } = await openHaproxyBed();
  const client = createRuntimeClient(join(place.folder, 'admin.sock'));
  const backends = new Map<string, TestBackend>();
  const member = async (name: string) => {
    const started = await backend(name);
    backends.set(name, started);
    return started;
  };
  return {
    router,
    freePort,
    takenPort: async () => (await backend('other program')).address.port,
    member,
    deadMember: async (name) => ({ name, address: { host: '127.0.0.1', port: await freePort() } }),
    request: async ({ listen }, times) => {
      for (let time = 0; time < times; time += 1) await get(listen.port);
    },
    begin: async ({ listen }, name) => {
      const stream = openStream(listen.port);
      await stream.begun;
      return {
        finish: async () => {
          backends.get(name)?.finishStreams();
          await stream.ended;
        },
      };
    },
    meddle: async ({ key }, { arm, name }) => {
      const id = `${backendName(key, arm)}/${name}`;
      await client.tell([`set map ${join(place.folder, 'canary.map')} ${routeName(key)} 4000`]);
      await client.tell([`set server ${id} state maint; del server ${id}`], /Server deleted/);
    },
    kill: () => server.kill(),
    start: () => server.restart(),
    close,
  };
});
