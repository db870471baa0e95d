import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { LazyOperations } from '../../../client/engine/containers/lazy-operations.ts';
import { importDevices } from '../../../client/engine/devices/import-devices.ts';
import { listDevices, EVERY_DEVICE } from '../../../client/engine/devices/list-devices.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

const DEVICES = 9_000;

let folder: TempFolder;
let server: PostgresServer;
let pool: Pool;
let deps: EngineDeps;

beforeAll(async () => {
  folder = makeTempFolder('import-survives');
  server = await startPostgres({ folder: join(folder.path, 'cluster') });
  pool = createPool(server.url);
  const settings = readSettings({ SLUICE_DATABASE_URL: server.url }, { dataDirectory: join(folder.path, 'data') });
  const unused = () => Promise.reject(new Error('an import needs no Temporal'));
  deps = {
    settings,
    database: () => Promise.resolve(pool),
    dataDirectory: () => Promise.resolve(settings.dataDirectory),
    temporal: unused,
    containers: new LazyOperations(unused, ''),
    close: () => pool.end(),
  };
});
afterAll(async () => {
  await deps.close();
  await server.stop();
  folder.remove();
});

describe('an import', () => {
  it('goes on when PostgreSQL was killed in the middle and came back', async () => {
    const file = join(folder.path, 'devices.csv');
    const rows = Array.from({ length: DEVICES }, (_, at) => `d${String(at).padStart(5, '0')},edge-a,1.0.0,site=a`);
    writeFileSync(file, ['thing,hardware,firmware,tags', ...rows, ''].join('\n'));
    let restarted: Promise<void> | undefined;
    const restart = async () => {
      await server.kill();
      server = await startPostgres({ folder: server.folder, port: server.port });
    };
    const report = await importDevices(deps, { file, onProgress: () => void (restarted ??= restart()) });
    await restarted;
    // A batch whose commit was not heard of is written again, and then it says nothing new.
    expect(report.added + report.unchanged).toBe(DEVICES);
    expect(report.refused).toEqual([]);
    const { devices } = await listDevices(deps, EVERY_DEVICE, DEVICES + 1);
    expect(devices).toHaveLength(DEVICES);
  }, 60_000);
});
