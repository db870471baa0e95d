// Broker, database, Temporal and worker of the bench, on free ports; every commit waits for the disk.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBrokerFiles } from '../../../activities/adapters/mqtt/broker-access.ts';
import { rebuildBrokerAccess } from '../../../client/devices/gateway/broker-access-keeper.ts';
import { readOrCreateCredentialsKey } from '../../../activities/adapters/mqtt/credentials.ts';
import { mosquittoConfig } from '../../../activities/adapters/mqtt/mosquitto-config.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { readSettings, type Settings } from '../../../client/engine/settings.ts';
import { readHealth } from '../../../client/engine/stack/health-file.ts';
import { addDevices } from '../../support/gateway/database-fleet.ts';
import { startMosquitto, type MosquittoServer } from '../../support/servers/mosquitto.ts';
import { freePorts } from '../../support/servers/ports.ts';
import { startPostgres, type PostgresServer } from '../../support/servers/postgres.ts';
import { startServer, type ServerProcess } from '../../support/servers/server-process.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { startTemporal, type TemporalServer } from '../../support/servers/temporal.ts';

const WORKER = fileURLToPath(new URL('../../../workers/all.worker.ts', import.meta.url));

export interface BenchWorld {
  readonly settings: Settings;
  readonly environment: Readonly<Record<string, string>>;
  readonly key: Buffer;
  readonly things: readonly string[];
  readonly pool: Pool;
  readonly deps: EngineDeps;
  readonly servers: {
    readonly broker: MosquittoServer;
    readonly postgres: PostgresServer;
    readonly temporal: TemporalServer;
    readonly worker: ServerProcess;
  };
  close(): Promise<void>;
}

/** `devices` devices with `firmware`, registered and known to the broker. */
export async function openBenchWorld(devices: number, firmware: string): Promise<BenchWorld> {
  const temp = makeTempFolder('bench-fleet');
  const closing: (() => Promise<void>)[] = [async () => temp.remove()];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const postgres = await startPostgres({ durable: true });
    closing.push(() => postgres.stop());
    const temporal = await startTemporal({ databaseFile: join(temp.path, 'temporal.db') });
    closing.push(() => temporal.stop());
    const [mqtt = 0, http = 0] = await freePorts(2);
    const environment = {
      SLUICE_DATA_DIR: temp.path,
      SLUICE_DATABASE_URL: postgres.url,
      SLUICE_MQTT_PORT: String(mqtt),
      SLUICE_HTTP_PORT: String(http),
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      SLUICE_LOG_LEVEL: 'warn',
    };
    const settings = readSettings(environment);
    const key = readOrCreateCredentialsKey(settings.dataDirectory);
    const pool = createPool(postgres.url, 2);
    closing.push(() => pool.end());
    const things = Array.from({ length: devices }, (_, index) => `bench-${String(index).padStart(6, '0')}`);
    await addDevices(pool, things, firmware);
    const broker = await openBroker(settings, pool, key);
    closing.push(() => broker.stop());
    const worker = await openWorker(settings, environment);
    closing.push(() => worker.stop());
    const deps = createEngineDeps(settings);
    closing.push(() => deps.close());
    return { settings, environment, key, things, pool, deps, servers: { broker, postgres, temporal, worker }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openBroker(settings: Settings, pool: Pool, key: Buffer): Promise<MosquittoServer> {
  const place = { folder: join(settings.dataDirectory, 'mosquitto'), port: settings.ports.mqtt, host: '127.0.0.1' };
  writeBrokerFiles(place, key);
  await rebuildBrokerAccess(pool, place.folder, key);
  return startMosquitto({ folder: place.folder, port: place.port, configuration: () => mosquittoConfig(place) });
}

function openWorker(settings: Settings, env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const isWell = async () => readHealth(settings.dataDirectory, 'worker')?.problem === null;
  return startServer({ file: process.execPath, args: [WORKER], env }, isWell);
}
