// The CLI against real servers: Temporal, PostgreSQL, a worker with the real workflows and a scripted fleet.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertPlan } from '../../../activities/adapters/postgres/plans.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import { holdOf } from '../../../activities/adapters/postgres/emergencies.ts';
import { openRunsWithPlace } from '../../../activities/adapters/postgres/run-places.ts';
import { createEnvironmentActivities } from '../../../activities/environments/environment.activities.ts';
import { createJournalActivities } from '../../../activities/journal/journal.activities.ts';
import { createPolicyActivities } from '../../../activities/policy/policy.activities.ts';
import { approvedPlan } from '../../../activities/runtime/approved-plan.ts';
import { presentEnvironment } from '../../../activities/runtime/present-environment.ts';
import { main } from '../../../client/cli/main.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { planDigest } from '../../../client/engine/plans/digest.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import type { PlanId } from '#domain/ids.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { createFakeFleet, type FakeFleet } from '../../support/fakes/fake-fleet.ts';
import { aPlan } from '../../support/runs/plan-builder.ts';
import { makeTempFolder } from '../../support/servers/temp-folder.ts';
import { startTemporal, type TemporalServer } from '../../support/servers/temporal.ts';
import { createTestDatabase } from '../../support/servers/test-database.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** What one command left behind. */
export interface Said {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface PlanOptions {
  /** The environment has been applied before. */
  readonly isConfigured: boolean;
}

/** A document on standard output. */
export type Answer = Readonly<Record<string, unknown>> & { readonly error?: { readonly code: string } };

export interface CliWorld {
  readonly fleet: FakeFleet;
  readonly deps: EngineDeps;
  readonly pool: Pool;
  readonly env: NodeJS.ProcessEnv;
  /** Runs one command in this process, as `person` ada unless `--as` says otherwise. */
  sluice(...argv: string[]): Promise<Said>;
  /** The same with `--output json`; the document on standard output. */
  json(...argv: string[]): Promise<Answer>;
  /** Stores a plan for an environment of its own, and returns its id. */
  plan(over?: Partial<FleetPlan>, options?: PlanOptions): Promise<string>;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  killTemporal(): Promise<void>;
  /** With the state and on the port that it had. */
  startTemporalAgain(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a world with a running worker and the people ada, lin (approvers) and zoe. */
export async function openCliWorld(): Promise<CliWorld> {
  const folder = makeTempFolder('cli');
  const databaseFile = join(folder.path, 'temporal.db');
  const [first, database] = await Promise.all([startTemporal({ databaseFile }), createTestDatabase()]);
  let temporal = first;
  const env = environmentOf({ folder: folder.path, database: database.url, temporal });
  const deps = createEngineDeps(readSettings(env));
  const pool = createPool(database.url);
  const fleet = createFakeFleet();
  const workers = new WorkerSwitch(temporal.address, { fleet, pool, deps });
  await workers.start();
  return {
    fleet,
    deps,
    pool,
    env,
    sluice: (...argv) => runCommand(argv, env),
    json: async (...argv) => JSON.parse((await runCommand([...argv, '--output', 'json'], env)).stdout) as Answer,
    plan: async (over = {}, options = { isConfigured: false }) => {
      const plan = planOf(over);
      if (!options.isConfigured) await configure(deps, plan.environment.name);
      await insertPlan(pool, { plan, digest: planDigest(plan) });
      return plan.planId;
    },
    startWorker: () => workers.start(),
    stopWorker: () => workers.stop(),
    killTemporal: () => temporal.kill(),
    startTemporalAgain: async () => {
      temporal = await startTemporal({ databaseFile, port: Number(temporal.address.split(':')[1]) });
    },
    close: async () => {
      await workers.stop();
      await deps.close();
      await pool.end();
      await temporal.stop();
      await database.drop();
      folder.remove();
    },
  };
}

function environmentOf(place: { folder: string; database: string; temporal: TemporalServer }): NodeJS.ProcessEnv {
  return {
    SLUICE_DATA_DIR: place.folder,
    SLUICE_DATABASE_URL: place.database,
    TEMPORAL_ADDRESS: place.temporal.address,
    TEMPORAL_NAMESPACE: place.temporal.namespace,
    SLUICE_USER: 'ada',
  };
}

async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<Said> {
  let [stdout, stderr] = ['', ''];
  const exitCode = await main(argv, {
    stdout: { write: (text) => void (stdout += text) },
    stderr: { write: (text) => void (stderr += text) },
    env,
  });
  return { exitCode, stdout, stderr };
}

class WorkerSwitch {
  readonly #address: string;
  readonly #parts: Pick<CliWorld, 'fleet' | 'pool' | 'deps'>;
  #stop: (() => Promise<void>) | undefined;

  constructor(address: string, parts: Pick<CliWorld, 'fleet' | 'pool' | 'deps'>) {
    this.#address = address;
    this.#parts = parts;
  }

  async start(): Promise<void> {
    if (this.#stop) return;
    const connection = await NativeConnection.connect({ address: this.#address });
    const { pool, deps } = this.#parts;
    const journal = createJournalActivities({ pool, logger: pino({ level: 'silent' }) });
    const environments = createEnvironmentActivities({
      openRuns: (environment) => openRunsWithPlace(pool, environment),
      holds: (environment) => readHolds(pool, environment),
      emergency: (environment) => holdOf(pool, environment),
      temporal: () => deps.temporal(),
    });
    const { orchestrator, fleet, telemetry, data } = DEFAULT_QUEUES;
    const common = { connection, namespace: 'sluice', stickyQueueScheduleToStartTimeout: '500ms' };
    const bundle = { workflowBundle: await workflowBundle() };
    const policy = createPolicyActivities({
      plan: (ref) => approvedPlan(pool, ref),
      environment: (name) => presentEnvironment(pool, name),
    });
    const activities = { ...this.#parts.fleet.activities, ...journal, ...environments, ...policy };
    const workers = await Promise.all([
      Worker.create({ ...common, ...bundle, taskQueue: orchestrator }),
      ...[fleet, telemetry, data].map((taskQueue) => Worker.create({ ...common, taskQueue, activities })),
    ]);
    const running = Promise.all(workers.map((worker) => worker.run()));
    this.#stop = async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
    };
  }

  async stop(): Promise<void> {
    await this.#stop?.();
    this.#stop = undefined;
  }
}

function planOf(over: Partial<FleetPlan>): FleetPlan {
  const id = randomUUID().replaceAll('-', '');
  const environment = { ...aPlan().environment, name: `env-${id}` };
  return aPlan({ planId: `plan_${id}` as PlanId, environment, ...over });
}

async function configure(deps: EngineDeps, environment: string): Promise<void> {
  const document = {
    environments: { [environment]: { name: environment, device_groups: [] } },
    people: { ada: { roles: ['approver'] }, lin: { roles: ['approver'] }, zoe: { roles: [] } },
  };
  await applyConfiguration(deps, { by: 'test', file: { name: 'test', content: JSON.stringify(document) } });
}
