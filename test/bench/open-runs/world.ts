// Temporal, PostgreSQL and one worker process on free ports; every commit waits for the disk.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { readHealth } from '../../../client/engine/stack/health-file.ts';
import { makeBundles } from './bundles.ts';
import { startPostgres } from '../../support/servers/postgres.ts';
import { startServer, type ServerProcess } from '../../support/servers/server-process.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { startTemporal } from '../../support/servers/temporal.ts';

const WORKER = fileURLToPath(new URL('./worker.main.ts', import.meta.url));

export interface OpenRunsWorld {
  readonly deps: EngineDeps;
  readonly worker: ServerProcess;
  readonly temporal: ServerProcess;
  close(): Promise<void>;
}

export async function openWorld(): Promise<OpenRunsWorld> {
  const temp = makeTempFolder('bench-open-runs');
  const closing: (() => Promise<void>)[] = [async () => temp.remove()];
  const close = async (): Promise<void> => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const postgres = await startPostgres({ durable: true });
    closing.push(() => postgres.stop());
    const temporal = await startTemporal({ databaseFile: join(temp.path, 'temporal.db') });
    closing.push(() => temporal.stop());
    const environment = {
      SLUICE_DATA_DIR: temp.path,
      SLUICE_DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      SLUICE_LOG_LEVEL: 'warn',
      ...(await makeBundles(temp.path)),
    };
    const settings = readSettings(environment);
    const isWell = async (): Promise<boolean> => readHealth(settings.dataDirectory, 'worker')?.problem === null;
    const worker = await startServer({ file: process.execPath, args: [WORKER], env: environment }, isWell);
    closing.push(() => worker.stop());
    const deps = createEngineDeps(settings);
    closing.push(() => deps.close());
    return { deps, worker, temporal, close };
  } catch (error) {
    await close();
    throw error;
  }
}
