// A fleet in a real PostgreSQL: devices, firmware with real bytes and signatures, plans, and the activities that work on them.
import { createHash, randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import canonicalize from 'canonicalize';
import { ActivityCancellationDetails, ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import pino from 'pino';
import { manifestOf } from '#domain/fleet/artifact.ts';
import type { FleetPlan, PlannedFirmware } from '#domain/plan/plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { receiveBytes } from '../../../activities/adapters/object-store/artifact-files.ts';
import { insertArtifact } from '../../../activities/adapters/postgres/artifacts.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { loadOrCreateSigner } from '../../../activities/adapters/signing/firmware-signer.ts';
import { createTestDatabase } from '../servers/test-database.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { planOf } from './plan-builder.ts';

export interface FleetWorld {
  readonly pool: Pool;
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  readonly logger: pino.Logger;
  /** Stores and signs bytes of their own for this version of `edge`. */
  addFirmware(version: string, changes?: Partial<PlannedFirmware>): Promise<PlannedFirmware>;
  addDevices(
    things: readonly string[],
    device?: { hardware?: string; firmware?: string; tags?: object },
  ): Promise<void>;
  /** Stores a plan for `firmware`; the reference of a new run of it. */
  plan(firmware: PlannedFirmware, changes?: Partial<FleetPlan>): Promise<RunRef>;
  close(): Promise<void>;
}

/** A world of its own; in the migrated database `url` if one is given, which then stays. */
export async function openFleetWorld(url?: string): Promise<FleetWorld> {
  const database = url === undefined ? await createTestDatabase() : { url, drop: () => Promise.resolve() };
  const folder = makeTempFolder('fleet');
  const pool = createPool(database.url, 8);
  return {
    pool,
    databaseUrl: database.url,
    dataDirectory: folder.path,
    logger: pino({ level: 'silent' }),
    addFirmware: (version, changes) => addFirmware(pool, folder.path, version, changes),
    addDevices: (things, device) => addDevices(pool, things, device),
    plan: (firmware, changes) => storePlan(pool, planOf(firmware, changes)),
    async close() {
      await pool.end();
      await database.drop();
      folder.remove();
    },
  };
}

async function addFirmware(
  pool: Pool,
  dataDirectory: string,
  version: string,
  changes: Partial<PlannedFirmware> = {},
): Promise<PlannedFirmware> {
  const incoming = await receiveBytes(
    dataDirectory,
    asStream(Buffer.from(`edge ${version} ${randomBytes(8).toString('hex')}`)),
  );
  await incoming.keep();
  const { sha256, sizeBytes } = incoming;
  const named = { name: 'edge', version, sha256, sizeBytes, hardware: ['edge-a'], minimumVersion: null, ...changes };
  const signer = loadOrCreateSigner(dataDirectory);
  const firmware = { ...named, signature: signer.sign(manifestOf(named)) };
  const provenance = {
    source: { kind: 'file', file: 'edge.bin' },
    sizeBytes,
    by: 'ada',
    verified: false,
    at: '',
  } as const;
  await insertArtifact(pool, { ...firmware, keyId: signer.keyId, provenance });
  return firmware;
}

async function* asStream(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

async function addDevices(
  pool: Pool,
  things: readonly string[],
  { hardware = 'edge-a', firmware = '1.0.0', tags = {} }: { hardware?: string; firmware?: string; tags?: object } = {},
): Promise<void> {
  await pool.query(
    'insert into devices (thing, hardware, firmware, tags) select thing, $2, $3, $4 from unnest($1::text[]) as x (thing)',
    [things, hardware, firmware, JSON.stringify(tags)],
  );
}

/** The reference of a new run of `plan`, which is stored with its digest. */
async function storePlan(pool: Pool, plan: FleetPlan): Promise<RunRef> {
  const digest = createHash('sha256')
    .update(canonicalize(plan) ?? '')
    .digest('hex');
  await insertPlan(pool, { plan, digest });
  return { run: `exe_${randomBytes(6).toString('hex')}`, planId: plan.planId, digest };
}

/** `count` thing names: `d-001`, `d-002`, … */
export const things = (count: number, prefix = 'd'): string[] =>
  Array.from({ length: count }, (_one, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`);

/** An attempt at an activity that a test can stop as its run would. */
export interface Attempt<T> {
  readonly result: Promise<T>;
  /** The run asks it to stop (pause, breach, cancel). */
  cancel(): void;
  /** Its worker shuts down, or the server gave the attempt up: the activity itself goes on elsewhere. */
  abandon(why: 'workerShutdown' | 'notFound'): void;
  /** Emits `heartbeat` with the details. */
  readonly hearts: EventEmitter;
}

export type AttemptInfo = NonNullable<ConstructorParameters<typeof MockActivityEnvironment>[0]>;

let scheduled = 0;

/** Starts one attempt of `activity`: the first of a new one, as its run schedules them, unless `info` says otherwise. */
export function attempt<Input, Output>(
  activity: (input: Input) => Promise<Output>,
  input: Input,
  info: AttemptInfo = {},
): Attempt<Output> {
  scheduled += 1;
  // Expected failures are no news.
  const environment = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 60_000, activityId: String(scheduled), ...info },
    { logger: new DefaultLogger('ERROR') },
  );
  const result = environment.run<[Input], Output, (input: Input) => Promise<Output>>(activity, input);
  // Looked at later; a test that fails before must not end by an unhandled rejection.
  result.catch(() => undefined);
  const abandon = (why: 'workerShutdown' | 'notFound'): void => {
    const reason = why === 'notFound' ? 'NOT_FOUND' : 'WORKER_SHUTDOWN';
    environment.cancel(reason, new ActivityCancellationDetails({ [why]: true }));
  };
  return { result, cancel: () => environment.cancel(), abandon, hearts: environment };
}

/** The catalogue code of a failed attempt. */
export async function codeOf(result: Promise<unknown>): Promise<string | undefined | null> {
  try {
    await result;
  } catch (error) {
    if (error instanceof ApplicationFailure) return error.type;
    throw error;
  }
  return undefined;
}
