import type { DeviceRegistration } from '#domain/fleet/device.schema.ts';
import { shardOf } from '#domain/fleet/shard.ts';
import {
  announceCredentials,
  wantCredentials,
  wantedCredentials,
} from '../../../activities/adapters/postgres/broker-credentials.ts';
import { upsertDevices, type UpsertCounts } from '../../../activities/adapters/postgres/devices.ts';
import { isPassingDatabaseError } from '../../../activities/adapters/postgres/passing-error.ts';
import { inTransaction, type Connection } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../engine.ts';
import { waitForPart } from '../wait-for-part.ts';

/** Devices written in one transaction: few round trips, and no lock that the gateway would feel. */
const BATCH_DEVICES = 2_000;

export interface Registered extends UpsertCounts {
  /** Number of the credentials' rebuild that the new devices need; null when none is new. */
  readonly credentialsWanted: number | null;
}

const NOTHING_REGISTERED: Registered = {
  added: 0,
  updated: 0,
  unchanged: 0,
  firmwareKept: 0,
  credentialsWanted: null,
};

/** Registers `devices` in batches, each kept for itself: what was written stays if a later one fails. */
export async function registerDevices(
  deps: EngineDeps,
  devices: AsyncIterable<DeviceRegistration> | Iterable<DeviceRegistration>,
  onProgress: (sum: Registered) => void = () => undefined,
): Promise<Registered> {
  let sum = NOTHING_REGISTERED;
  let batch: DeviceRegistration[] = [];
  const write = async (): Promise<void> => {
    sum = add(sum, await registerBatch(deps, batch));
    batch = [];
    onProgress(sum);
  };
  try {
    for await (const device of devices) {
      if (batch.push(device) === BATCH_DEVICES) await write();
    }
    if (batch.length > 0) await write();
  } finally {
    // Once for all batches: every rebuild of the password file reads the whole fleet. A lost call only delays it.
    if (sum.credentialsWanted !== null) await announceCredentials(await deps.database()).catch(() => undefined);
  }
  return sum;
}

/**
 * One batch, in one transaction. It is repeated whole when PostgreSQL left in the middle or chose it to end a deadlock with
 * a gateway; that is harmless, because what says nothing new is not written.
 */
async function registerBatch(deps: EngineDeps, batch: readonly DeviceRegistration[]): Promise<Registered> {
  const pool = await deps.database();
  const { waitForPartMs: forMs, databaseUrl } = deps.settings;
  const address = new URL(databaseUrl).host;
  const waiting = { part: 'PostgreSQL', address, forMs, note: () => undefined, isPassing: isPassingDatabaseError };
  let attempts = 0;
  return waitForPart(waiting, async () => {
    attempts++;
    const written = await inTransaction(pool, (connection) => writeBatch(connection, batch));
    if (attempts === 1 || written.credentialsWanted !== null) return written;
    // An earlier attempt may have been committed unheard: its devices, unchanged now, need the rebuild that it ordered.
    return { ...written, credentialsWanted: await wantedCredentials(pool) };
  });
}

async function writeBatch(connection: Connection, batch: readonly DeviceRegistration[]): Promise<Registered> {
  const counts = await upsertDevices(
    connection,
    batch.map((device) => ({ ...device, shard: shardOf(device.thing) })),
  );
  // Last, because it locks the one row that every registration needs.
  return { ...counts, credentialsWanted: counts.added > 0 ? await wantCredentials(connection) : null };
}

const add = (sum: Registered, more: Registered): Registered => ({
  added: sum.added + more.added,
  updated: sum.updated + more.updated,
  unchanged: sum.unchanged + more.unchanged,
  firmwareKept: sum.firmwareKept + more.firmwareKept,
  credentialsWanted: more.credentialsWanted ?? sum.credentialsWanted,
});
