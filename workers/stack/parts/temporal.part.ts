import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporalCli } from '../../../client/engine/stack/components/temporal-programs.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { probeHttp, probeTemporal } from '../../../client/engine/stack/probes.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import { devServerCommand } from '../temporal/dev-server.ts';
import type { Part } from '../part.ts';

/** `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`: people know the server's. */
const SERVER_VERSION = /Server (\d+\.\d+\.\d+)/;

/** Temporal's development server with its web interface, or the server of TEMPORAL_ADDRESS. */
export function temporalPart(settings: Settings, env: NodeJS.ProcessEnv): Part {
  const { dataDirectory, ports, temporalAddress, temporalNamespace: namespace } = settings;
  const shared = { name: 'temporal', after: [], address: temporalAddress } as const;
  const answers = async () => (await probeTemporal(temporalAddress, namespace)).version !== '';
  if (env['TEMPORAL_ADDRESS'] !== undefined)
    return { ...shared, kind: 'external', whenReady: async () => void (await answers()) };
  const folder = join(dataDirectory, 'temporal');
  const server = {
    port: ports.temporal,
    uiPort: ports.temporalUi,
    namespace,
    databaseFile: join(folder, 'temporal.db'),
  };
  return {
    ...shared,
    kind: 'embedded',
    ports: ['temporal', 'temporalUi'],
    stopSignal: 'SIGINT',
    stopTimeoutMs: 10_000,
    version: () => readVersion(findTemporalCli(env), ['--version'], SERVER_VERSION),
    prepare: async () => void mkdirSync(folder, { recursive: true }),
    command: () => devServerCommand(server),
    isReady: async () => (await answers()) && (await probeHttp(`http://127.0.0.1:${ports.temporalUi}`)) !== null,
    whenReady: async () => undefined,
  };
}
