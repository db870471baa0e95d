import { mkdirSync } from 'node:fs';
import { haproxyCommand, routerFiles } from '../../../activities/adapters/haproxy/place.ts';
import { prepareRouterFiles } from '../../../activities/adapters/haproxy/router-files.ts';
import { findHaproxy } from '../../../client/engine/stack/components/haproxy-program.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { probeRouter } from '../../../client/engine/stack/probes.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import type { Part } from '../part.ts';

/** The router in front of applications, or the one whose folder SLUICE_HAPROXY_DIR names. Without a route it listens nowhere. */
export function haproxyPart(settings: Settings, env: NodeJS.ProcessEnv): Part {
  const { routerDirectory: folder, routerRetries: retries } = settings;
  const shared = { name: 'haproxy', after: [], address: '' } as const;
  const answers = async (): Promise<void> => void (await probeRouter(folder));
  if (settings.replaced.has('router')) return { ...shared, kind: 'external', whenReady: answers };
  const place = { folder, program: findHaproxy(env) };
  return {
    ...shared,
    kind: 'embedded',
    ports: [],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    version: () => readVersion(place.program, ['-v']),
    prepare: async () => {
      mkdirSync(folder, { recursive: true });
      await prepareRouterFiles(place, { retries });
    },
    command: () => haproxyCommand(place),
    isReady: async () => {
      await answers();
      return routerFiles(place).adminSocket !== '';
    },
    whenReady: async () => undefined,
  };
}
