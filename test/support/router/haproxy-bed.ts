import { findHaproxy } from '../../../client/engine/stack/components/haproxy-program.ts';
import { createHaproxyRouter } from '../../../activities/adapters/haproxy/haproxy-router.ts';
import { DEFAULT_OPTIONS, type RouterOptions, type RouterPlace } from '../../../activities/adapters/haproxy/place.ts';
import { prepareRouterFiles } from '../../../activities/adapters/haproxy/router-files.ts';
import type { Route } from '#domain/containers/route.ts';
import type { ObservedRoute, Router } from '#domain/ports/router.port.ts';
import { eventually } from '../eventually.ts';
import { startHaproxy, type HaproxyServer } from '../servers/haproxy.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { startBackend, type TestBackend } from './test-backend.ts';

/** A real HAProxy with the router's files, and backends behind it. */
export interface HaproxyBed {
  readonly router: Router;
  readonly place: RouterPlace;
  readonly server: HaproxyServer;
  backend(name: string): Promise<TestBackend>;
  /** Applies `route` and waits until its ready members are up. */
  serve(route: Route): Promise<ObservedRoute>;
  close(): Promise<void>;
}

export async function openHaproxyBed(options: RouterOptions = DEFAULT_OPTIONS): Promise<HaproxyBed> {
  const folder = makeTempFolder('router');
  const place = { folder: folder.path, program: findHaproxy() };
  await prepareRouterFiles(place, options);
  const server = await startHaproxy({ folder: folder.path, configuration: null });
  const router = createHaproxyRouter(place);
  const backends: TestBackend[] = [];
  return {
    router,
    place,
    server,
    backend: async (name) => {
      const backend = await startBackend(name);
      backends.push(backend);
      return backend;
    },
    serve: async (route) => {
      await router.apply(route);
      return eventually(async () => {
        const observed = await router.observe(route.key);
        const waiting = observed.members.filter(({ state, up }) => state === 'ready' && !up);
        if (waiting.length > 0) throw new Error(`not up: ${waiting.map(({ name }) => name).join(', ')}`);
        return observed;
      });
    },
    close: async () => {
      await server.stop();
      for (const backend of backends) await backend.close();
      folder.remove();
    },
  };
}
