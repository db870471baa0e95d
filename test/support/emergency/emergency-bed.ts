// Environments with many applications whose releases are played, on a real Temporal server and a real database, with all
// workers that an emergency needs.
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { EmergencyReport } from '#domain/emergency/emergency.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { holdOf } from '../../../activities/adapters/postgres/emergencies.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { openRunsWithPlace } from '../../../activities/adapters/postgres/run-places.ts';
import { readRun, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import { createEnvironmentActivities } from '../../../activities/environments/environment.activities.ts';
import { createJournalActivities } from '../../../activities/journal/journal.activities.ts';
import { applyApplications } from '../../../client/engine/applications/apply-applications.ts';
import { createEngineDeps } from '../../../client/engine/deps.ts';
import { beginEmergency, type BegunEmergency } from '../../../client/engine/emergency/begin-emergency.ts';
import { loadReport } from '../../../client/engine/emergency/load-report.ts';
import type { EngineDeps, Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan } from '../../../client/engine/plans/create-plan.ts';
import { executePlan } from '../../../client/engine/runs/execute-plan.ts';
import { readSettings } from '../../../client/engine/settings.ts';
import { emergencyActivities } from '../../../workers/emergency.worker.ts';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import { depsWith, FakeOperations } from '../containers/fake-operations.ts';
import { letGo } from '../containers/let-go.ts';
import { eventually } from '../eventually.ts';
import { PlayedReleases } from '../fakes/played-releases.ts';
import '../runs/quiet-runtime.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { startTemporal } from '../servers/temporal.ts';
import { createTestDatabase } from '../servers/test-database.ts';

export const LIN: Person = { name: 'lin', roles: [], verified: false };
const DEADLINE_MS = 90_000;
const AT_ONCE = 20;
/** Nothing ordinary has a slot left while all that are under way at once are held. */
const DOCKER_SLOTS = AT_ONCE;

export class EmergencyBed {
  readonly deps: EngineDeps;
  readonly pool: Pool;
  readonly client: Client;
  readonly releases: PlayedReleases;
  environment = '';
  readonly #workers: BedWorkers;
  readonly #end: () => Promise<void>;

  private constructor(parts: Parts & { readonly client: Client }, workers: BedWorkers, end: () => Promise<void>) {
    this.deps = parts.deps;
    this.pool = parts.pool;
    this.client = parts.client;
    this.releases = parts.releases;
    this.#workers = workers;
    this.#end = end;
  }

  static async open(): Promise<EmergencyBed> {
    const folder = makeTempFolder('emergency');
    const [temporal, database] = await Promise.all([startTemporal(), createTestDatabase()]);
    const engine = createEngineDeps(
      readSettings({
        SLUICE_DATA_DIR: folder.path,
        SLUICE_DATABASE_URL: database.url,
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
      }),
    );
    const deps = depsWith(engine, { containers: new FakeOperations() });
    const pool = await deps.database();
    const parts = { deps, pool, client: await deps.temporal(), releases: new PlayedReleases(pool) };
    const workers = new BedWorkers(temporal.address, parts);
    await workers.startEmergency();
    await workers.startOrdinary();
    const bed = new EmergencyBed(parts, workers, async () => {
      await engine.close();
      await temporal.stop();
      await database.drop();
      folder.remove();
    });
    await bed.newEnvironment();
    return bed;
  }

  /** Puts another environment, with nothing in it, in the place of the present one. */
  async newEnvironment(): Promise<void> {
    this.environment = `env-${randomUUID().slice(0, 8)}`;
    const policy = { target: 'docker', max_concurrent_deployments: AT_ONCE, rollback_timeout: 60 };
    const content = JSON.stringify({
      environments: { [this.environment]: policy },
      people: { ada: { roles: ['approver'] } },
    });
    await applyConfiguration(this.deps, { by: LIN.name, file: { name: 'sluice.json', content } });
  }

  /** Applications with what each needs; all with versions 1.0 and then 1.1 in use. */
  async applications(dependencies: Readonly<Record<string, readonly string[]>>): Promise<void> {
    await apply(this.deps, dependencies);
    for (const version of ['1.0', '1.1']) {
      const runs = await Promise.all(Object.keys(dependencies).map((one) => this.deploy(one, version)));
      for (const run of runs) await this.until(run, 'completed', ({ phase }) => phase === 'completed');
    }
  }

  /** Starts a run that brings a version of an application; the result is its id. */
  async deploy(application: string, version: string, config: object = {}): Promise<string> {
    const { environment } = this;
    const quick = { strategy: 'immediate', bake: '0s', ...config };
    const file = { name: 'r.json', content: JSON.stringify({ application, version, environment, config: quick }) };
    const { plan } = await createPlan(this.deps, { file, author: LIN.name, acceptNoWayBack: 'a test' });
    return (await executePlan(this.deps, { planId: plan.planId, person: LIN })).run;
  }

  /** As people do before they deploy again what an emergency took back. */
  letGo(application: string): Promise<void> {
    return letGo(this.deps, { environment: this.environment, application, person: LIN });
  }

  begin({ reason = 'it burns', to }: { readonly reason?: string; readonly to?: string } = {}): Promise<BegunEmergency> {
    return beginEmergency(this.deps, { environment: this.environment, reason, to, person: LIN });
  }

  /** Resolves when the run stands so. */
  until(run: string, what: string, holds: (row: RunRow) => boolean): Promise<RunRow> {
    return eventually(async () => {
      const row = await readRun(this.pool, run);
      if (row && holds(row)) return row;
      throw new Error(`${run} is not ${what}: ${row?.phase ?? 'unknown'} ${row?.view?.step?.id ?? ''}`);
    }, DEADLINE_MS);
  }

  untilEnded(id: string): Promise<EmergencyReport> {
    return eventually(async () => {
      const { report, isOpen } = await loadReport(this.deps, id);
      if (isOpen) throw new Error(`${id} is at ${report.stage}: ${JSON.stringify(report)}`);
      return report;
    }, DEADLINE_MS);
  }

  /** What is in use, by application. */
  async inUse(): Promise<Record<string, string>> {
    const { rows } = await this.pool.query<{ application: string; version: string }>(
      "select application, version from releases where environment = $1 and state = 'stable'",
      [this.environment],
    );
    return Object.fromEntries(rows.map(({ application, version }) => [application, version]));
  }

  /** Ordinary work stops; the emergency worker goes on. */
  stopOrdinary(): Promise<void> {
    return this.#workers.stopOrdinary();
  }

  startOrdinary(): Promise<void> {
    return this.#workers.startOrdinary();
  }

  async close(): Promise<void> {
    await this.#workers.close();
    await this.#end();
  }
}

async function apply(deps: EngineDeps, dependencies: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const applications = Object.fromEntries(
    Object.entries(dependencies).map(([name, needs]) => [
      name,
      { image: `registry.test/${name}`, port: 8080, replicas: 1, depends_on: needs },
    ]),
  );
  const content = JSON.stringify({ applications });
  await applyApplications(deps, { by: LIN.name, file: { name: 'apps.json', content } });
}

interface Parts {
  readonly deps: EngineDeps;
  readonly pool: Pool;
  readonly releases: PlayedReleases;
}

class BedWorkers {
  readonly #address: string;
  readonly #parts: Parts;
  #connection: NativeConnection | undefined;
  readonly #stops = new Map<'ordinary' | 'emergency', () => Promise<void>>();

  constructor(address: string, parts: Parts) {
    this.#address = address;
    this.#parts = parts;
  }

  async startOrdinary(): Promise<void> {
    const { pool, deps, releases } = this.#parts;
    const logger = pino({ level: 'silent' });
    const environments = createEnvironmentActivities({
      openRuns: (environment) => openRunsWithPlace(pool, environment),
      holds: (environment) => readHolds(pool, environment),
      emergency: (environment) => holdOf(pool, environment),
      temporal: () => deps.temporal(),
    });
    const { orchestrator, data, docker } = DEFAULT_QUEUES;
    await this.#run('ordinary', [
      { taskQueue: orchestrator, workflowBundle: await workflowBundle() },
      { taskQueue: data, activities: { ...createJournalActivities({ pool, logger }), ...environments } },
      { taskQueue: docker, activities: releases.activities, maxConcurrentActivityTaskExecutions: DOCKER_SLOTS },
    ]);
  }

  async startEmergency(): Promise<void> {
    const { pool, deps, releases } = this.#parts;
    const parts = { pool, logger: pino({ level: 'silent' }), temporal: () => deps.temporal(), engine: deps };
    const activities = { ...releases.activities, ...emergencyActivities(parts) };
    const { emergency: taskQueue } = DEFAULT_QUEUES;
    await this.#run('emergency', [{ taskQueue, workflowBundle: await workflowBundle(), activities }]);
  }

  async stopOrdinary(): Promise<void> {
    await this.#stops.get('ordinary')?.();
    this.#stops.delete('ordinary');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#stops.values()].map((stop) => stop()));
    await this.#connection?.close();
  }

  async #run(
    name: 'ordinary' | 'emergency',
    all: readonly Omit<Parameters<typeof Worker.create>[0], 'connection' | 'namespace'>[],
  ): Promise<void> {
    this.#connection ??= await NativeConnection.connect({ address: this.#address });
    const common = {
      ...{ connection: this.#connection, namespace: 'sluice', dataConverter: makeDataConverter() },
      ...{ stickyQueueScheduleToStartTimeout: '500ms', maxHeartbeatThrottleInterval: '100ms', shutdownForceTime: '2s' },
    };
    const workers = await Promise.all(all.map((one) => Worker.create({ ...common, ...one })));
    const running = Promise.all(workers.map((worker) => worker.run()));
    this.#stops.set(name, async () => {
      for (const worker of workers) worker.shutdown();
      await running;
    });
  }
}
