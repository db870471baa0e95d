import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { tellBroker, writeAccess } from '../../../activities/adapters/mqtt/broker-access.ts';
import { BROKER_FILES } from '../../../activities/adapters/mqtt/mosquitto-config.ts';
import {
  isAccessOutdated,
  noteAccessApplied,
  registeredThings,
  wantedAccess,
} from '../../../activities/adapters/postgres/broker-orders.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { Complaints } from './complaints.ts';
import { RepeatingTask } from './repeating-task.ts';

const POLL_MS = 5_000;

export interface AccessKeeperDeps {
  readonly pool: Pool;
  /** The broker's folder. */
  readonly folder: string;
  readonly key: Buffer;
  readonly log: Logger;
  readonly complaints: Complaints;
}

/**
 * Keeps the broker's users and their rights as the registry wants it: whole at the start, then at each order. A broker that is not
 * configured from `folder` has its own users; orders then count as fulfilled, so that nobody waits for them.
 */
export function keepBrokerAccess(deps: AccessKeeperDeps): RepeatingTask {
  let isFirst = true;
  const task = async (): Promise<number> => {
    if (!isFirst && !(await isAccessOutdated(deps.pool))) return POLL_MS;
    if (existsSync(join(deps.folder, BROKER_FILES.configuration))) await rebuild(deps);
    else await noteAccessApplied(deps.pool, await wantedAccess(deps.pool));
    isFirst = false;
    // An order that came in the middle is seen at once.
    return (await isAccessOutdated(deps.pool)) ? 0 : POLL_MS;
  };
  return new RepeatingTask(task, (error) => deps.complaints.warn('the broker’s access is not up to date', error));
}

async function rebuild({ pool, folder, key, log }: AccessKeeperDeps): Promise<void> {
  const startedMs = performance.now();
  const { devices, order, told } = await rebuildBrokerAccess(pool, folder, key);
  const tookMs = Math.round(performance.now() - startedMs);
  log.info({ devices, order, brokerTold: told, tookMs }, 'broker access rebuilt');
}

export interface AccessRebuild {
  readonly devices: number;
  /** The order that this rebuild fulfils; those that came meanwhile stay open. */
  readonly order: number;
  /** False when no broker ran that had to be told. */
  readonly told: boolean;
}

/**
 * Gives every registered device, and nobody else, access by the files in `folder` and has the broker read it.
 * @internal the bench prepares its broker by it
 */
export async function rebuildBrokerAccess(pool: Pool, folder: string, key: Buffer): Promise<AccessRebuild> {
  const order = await wantedAccess(pool);
  const devices = await writeAccess(folder, key, registeredThings(pool));
  const told = tellBroker(folder);
  await noteAccessApplied(pool, order);
  return { devices, order, told };
}
