import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRegistry } from '../../../client/engine/stack/components/registry-program.ts';
import { needs } from '../requires.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';
import { registryConfiguration } from '../../../workers/stack/parts/registry-configuration.ts';

needs('docker-registry', findRegistry);

export interface RegistryServer extends ServerProcess {
  /** What stands before the repository in an image's name: an engine takes plain HTTP from 127.0.0.1. */
  readonly host: string;
  readonly url: string;
  readonly folder: string;
}

export interface RegistryOptions {
  readonly port?: number;
  /** Configuration and images, kept by `stop()`; a temp folder without. */
  readonly folder?: string;
}

/** A real image registry, without accounts, on a free port of 127.0.0.1. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RegistryServer> {
  const made = options.folder === undefined ? makeTempFolder('registry') : null;
  const folder = options.folder ?? made?.path ?? '';
  const host = `127.0.0.1:${options.port ?? (await freePort())}`;
  mkdirSync(folder, { recursive: true });
  // Several may serve one folder.
  const file = join(folder, `registry-${host.split(':')[1]}.yml`);
  writeFileSync(file, registryConfiguration(host, join(folder, 'images')));
  const url = `http://${host}`;
  const command = { file: findRegistry(), args: ['serve', file] };
  const server = await startServer(command, async () => (await fetch(`${url}/v2/`)).ok);
  const stop = async () => {
    await server.stop();
    made?.remove();
  };
  return { ...server, stop, host, url, folder };
}
