import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRegistry } from '../../../client/engine/stack/components/registry-program.ts';
import { readVersion } from '../../../client/engine/stack/components/version.ts';
import { probeHttp } from '../../../client/engine/stack/probes.ts';
import { addressOf } from '../../../client/engine/stack/status.ts';
import type { Settings } from '../../../client/engine/settings.ts';
import type { EmbeddedPart } from '../part.ts';
import { registryConfiguration } from './registry-configuration.ts';

/** An image registry beside the engine of this installation, without accounts, on 127.0.0.1. */
export function registryPart(settings: Settings, env: NodeJS.ProcessEnv): EmbeddedPart {
  const folder = join(settings.dataDirectory, 'registry');
  const file = join(folder, 'registry.yml');
  const address = addressOf('registry', settings);
  return {
    name: 'registry',
    after: [],
    address,
    kind: 'embedded',
    ports: ['registry'],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 5_000,
    version: () => readVersion(findRegistry(env), ['--version']),
    prepare: async () => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, registryConfiguration(address, join(folder, 'images')));
    },
    command: () => ({ file: findRegistry(env), args: ['serve', file] }),
    isReady: async () => (await probeHttp(`http://${address}/v2/`)) !== null,
    whenReady: async () => undefined,
  };
}
