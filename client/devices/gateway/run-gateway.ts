import { join } from 'node:path';
import type { Logger } from 'pino';
import { readOrCreateCredentialsKey, gatewayPassword } from '../../../activities/adapters/mqtt/credentials.ts';
import { createPostgresJobStore, JOB_STORE_SETTINGS } from '../../../activities/adapters/postgres/job-store.ts';
import { isRequestAtFault } from '../../../activities/adapters/postgres/job-store-failure.ts';
import { createPostgresShardLock } from '../../../activities/adapters/postgres/job-store-lock.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { ShardClaim } from '#domain/ports/job-store.port.ts';
import type { Settings } from '../../engine/settings.ts';
import { keepHealthFile, type HealthNow } from '../../engine/stack/health-file.ts';
import { BrokerSession } from './broker-session.ts';
import { keepBrokerAccess } from './broker-access-keeper.ts';
import { Complaints } from './complaints.ts';
import { DeviceService, type DeviceBroker } from './device-service.ts';
import type { GraceLimits } from './expiry-grace.ts';
import { NO_HOOKS, type GatewayHooks } from './gateway-hooks.ts';
import type { RepeatingTask } from './repeating-task.ts';
import { ShardOwnership } from './shard-ownership.ts';

/** Batches on two connections, announcements and time-outs on the others. */
const CONNECTIONS = 4;
/** Far above what a batch takes: one that hangs must not hold its devices for ever. */
const STATEMENT_BOUND_MS = 30_000;
const ONLY_SHARD = 0;

export interface RunningGateway {
  /** Finishes the open batches, answers them and gives the shard back. */
  stop(): Promise<void>;
}

/** What a test changes about a gateway. */
export interface GatewayOptions {
  readonly hooks?: GatewayHooks;
  readonly expiryGrace?: GraceLimits;
}

/** Serves the devices of this installation until stopped; waits for database and broker whenever they are away. */
export function runGateway(settings: Settings, log: Logger, options: GatewayOptions = {}): RunningGateway {
  const gateway = new Gateway(settings, log, options);
  gateway.start();
  return gateway;
}

class Gateway implements RunningGateway {
  readonly #settings: Settings;
  readonly #log: Logger;
  readonly #complaints: Complaints;
  readonly #key: Buffer;
  readonly #pool: Pool;
  readonly #service: DeviceService;
  readonly #ownership: ShardOwnership;
  readonly #access: RepeatingTask;
  #session: BrokerSession | null = null;

  constructor(settings: Settings, log: Logger, { hooks = NO_HOOKS, expiryGrace }: GatewayOptions) {
    this.#settings = settings;
    this.#log = log;
    this.#complaints = new Complaints(log);
    this.#key = readOrCreateCredentialsKey(settings.dataDirectory);
    this.#pool = createPool(settings.databaseUrl, CONNECTIONS, {
      serverSettings: JOB_STORE_SETTINGS,
      statementBoundMs: STATEMENT_BOUND_MS,
    });
    const complaints = this.#complaints;
    this.#service = new DeviceService({
      store: createPostgresJobStore(this.#pool, ONLY_SHARD, `${settings.httpUrl}/artifacts`),
      broker: this.#broker(),
      isRequestAtFault,
      hooks,
      log,
      complaints,
      ...(expiryGrace && { expiryGrace }),
    });
    const folder = join(settings.dataDirectory, 'mosquitto');
    this.#access = keepBrokerAccess({ pool: this.#pool, folder, key: this.#key, log, complaints });
    this.#ownership = new ShardOwnership({
      lock: createPostgresShardLock(settings.databaseUrl),
      shard: ONLY_SHARD,
      log,
      complaints,
      onOwned: (claim) => {
        hooks.afterClaim();
        this.#serve(claim);
      },
      onSuspended: () => this.#suspend(),
      onForeign: () => this.#leaveBroker(),
    });
  }

  start(): void {
    this.#ownership.start();
    this.#health = keepHealthFile(this.#settings.dataDirectory, 'gateway', () => this.#look());
  }

  #health: ReturnType<typeof keepHealthFile> | null = null;

  async stop(): Promise<void> {
    this.#health?.stop();
    await this.#service.stop();
    await this.#session?.close();
    await this.#access.stop();
    await this.#ownership.stop();
    await this.#pool.end();
  }

  #serve(claim: ShardClaim): void {
    claim.onSignal('job_release', (jobSeq) =>
      this.#service.offersChanged(/^\d+$/.test(jobSeq) ? Number(jobSeq) : null),
    );
    claim.onSignal('broker_credentials', () => this.#access.runSoon());
    this.#access.start();
    this.#service.activate();
    if (this.#session?.isReady) this.#service.brokerIsBack();
    this.#session ??= this.#connect();
  }

  #suspend(): void {
    this.#service.suspend();
    void this.#access.stop();
  }

  async #leaveBroker(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    this.#service.drop();
    await session?.close();
  }

  #connect(): BrokerSession {
    return new BrokerSession({
      url: this.#settings.mqttUrl,
      password: gatewayPassword(this.#key),
      onMessage: (topic, payload) => this.#service.receive(topic, payload),
      onReady: () => {
        this.#log.info({ broker: this.#settings.mqttUrl }, 'devices can be reached');
        if (this.#ownership.state === 'owning') this.#service.brokerIsBack();
      },
      onLost: () => {
        this.#log.warn('the broker is lost');
        this.#service.brokerIsLost();
      },
      onError: (error) => this.#complaints.warn('the broker cannot be used', error),
    });
  }

  #broker(): DeviceBroker {
    return {
      publish: (message) => this.#session?.publish(message),
      pause: () => this.#session?.pause(),
      resume: () => this.#session?.resume(),
    };
  }

  #look(): HealthNow {
    const detail = { shard: ONLY_SHARD, ownership: this.#ownership.state, ...this.#service.counts() };
    if (this.#ownership.state === 'waiting-for-database') return { problem: 'the database does not answer', detail };
    if (this.#ownership.state === 'standing-by') return { problem: 'another gateway serves the devices', detail };
    return this.#session?.isReady ? { detail } : { problem: 'the broker cannot be reached', detail };
  }
}
