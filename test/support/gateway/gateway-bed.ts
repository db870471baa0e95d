// A broker as `sluice up` configures it, a database, and a gateway between them.
import { join } from 'node:path';
import { writeBrokerFiles } from '../../../activities/adapters/mqtt/broker-access.ts';
import { readOrCreateCredentialsKey } from '../../../activities/adapters/mqtt/credentials.ts';
import { mosquittoConfig } from '../../../activities/adapters/mqtt/mosquitto-config.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { runGateway, type RunningGateway } from '../../../client/devices/gateway/run-gateway.ts';
import { createLogger, type LogLevel } from '../../../client/engine/logging.ts';
import { readSettings, type Settings } from '../../../client/engine/settings.ts';
import { eventually } from '../eventually.ts';
import { startMosquitto, type MosquittoServer } from '../servers/mosquitto.ts';
import { freePort } from '../servers/ports.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { createTestDatabase } from '../servers/test-database.ts';
import { addDevices } from './database-fleet.ts';
import { TestDevice } from './test-device.ts';

export class GatewayBed {
  readonly settings: Settings;
  readonly key: Buffer;
  readonly pool: Pool;
  broker: MosquittoServer;
  #gateway: RunningGateway | null = null;
  readonly #devices: TestDevice[] = [];
  readonly #removal: () => Promise<void>;

  private constructor(settings: Settings, broker: MosquittoServer, removal: () => Promise<void>) {
    this.settings = settings;
    this.broker = broker;
    this.key = readOrCreateCredentialsKey(settings.dataDirectory);
    this.pool = createPool(settings.databaseUrl);
    this.#removal = removal;
  }

  /** Broker and database; `databaseUrl` uses a server of the test's own. No gateway yet. */
  static async open(databaseUrl?: string): Promise<GatewayBed> {
    const temp = makeTempFolder('gateway');
    const database = databaseUrl === undefined ? await createTestDatabase() : null;
    const port = await freePort();
    const settings = readSettings({
      SLUICE_DATA_DIR: temp.path,
      SLUICE_MQTT_PORT: String(port),
      SLUICE_DATABASE_URL: databaseUrl ?? database?.url,
    });
    const broker = await openBroker(settings);
    return new GatewayBed(settings, broker, async () => {
      await database?.drop();
      temp.remove();
    });
  }

  /** Starts it with the settings of the bed, but for `changed`. */
  startGateway(level: LogLevel = 'silent', changed: Partial<Settings> = {}): RunningGateway {
    this.#gateway = runGateway({ ...this.settings, ...changed }, createLogger('gateway', level), {
      // Tests of deadlines and boots wait for them, and for nothing else.
      expiryGrace: { afterStartMs: 0, longestMs: 0, reconnectMs: 0 },
    });
    return this.#gateway;
  }

  async stopGateway(): Promise<void> {
    await this.#gateway?.stop();
    this.#gateway = null;
  }

  /** Registers devices and waits until their credentials are valid. */
  async register(things: readonly string[], firmware = '1.0.0'): Promise<void> {
    await addDevices(this.pool, things, firmware);
    const { rows } = await this.pool.query<{ wanted: number }>(
      'update broker_credentials set wanted = wanted + 1 returning wanted',
    );
    await this.pool.query('notify broker_credentials');
    await eventually(async () => {
      const applied = await this.pool.query<{ applied: number }>('select applied from broker_credentials');
      const missing = (rows[0]?.wanted ?? 0) - (applied.rows[0]?.applied ?? -1);
      if (missing > 0) throw new Error(`the broker's access is ${missing} orders behind`);
    });
  }

  async device(thing: string, filters?: string[]): Promise<TestDevice> {
    const device = await TestDevice.connect(this.settings.mqttUrl, {
      thing,
      key: this.key,
      ...(filters && { filters }),
    });
    this.#devices.push(device);
    return device;
  }

  /** The same broker again, on the same port. */
  async restartBroker(): Promise<void> {
    this.broker = await openBroker(this.settings);
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.close()));
    await this.stopGateway();
    await this.broker.stop();
    await this.pool.end();
    await this.#removal();
  }
}

async function openBroker(settings: Settings): Promise<MosquittoServer> {
  const folder = join(settings.dataDirectory, 'mosquitto');
  const place = { folder, port: settings.ports.mqtt, host: '127.0.0.1' };
  writeBrokerFiles(place, readOrCreateCredentialsKey(settings.dataDirectory));
  return startMosquitto({ folder, port: place.port, configuration: () => mosquittoConfig(place) });
}
