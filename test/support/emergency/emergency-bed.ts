// Environments with many applications whose releases are played, on a real Temporal server and a real database, with all
// workers that an emergency needs.
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { EmergencyReport } from '#domain/emergency/emergency.ts';
import { DEFAULT_QUEUES } from '#domain/queues.ts';
import { holdOf } from '../../../activities/adapters/postgres/emergencies.ts';
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
import { depsWith, FakeOperations } from '../containers/fake-operations.ts';
import { eventually } from '../eventually.ts';
import { PlayedReleases } from '../fakes/played-releases.ts';
import { workflowBundle } from '../runs/run-bundle.ts';
import '../runs/quiet-runtime.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { startTemporal } from '../servers/temporal.ts';
import { createTestDatabase } from '../servers/test-database.ts';

export const LIN: Person = { name: 'lin', roles: [], verified: false };
const DEADLINE_MS = 90_000;
/** As many as are under way at once: nothing ordinary has a slot left while all of them are held. */
const DOCKER_SLOTS = 20;

export interface EmergencyBed {
  readonly deps: EngineDeps;
  readonly pool: Pool;
  readonly client: Client;
  readonly releases: PlayedReleases;
  readonly environment: string;
  /** Puts another environment, with nothing in it, in the place of the present one. */
  newEnvironment(): Promise<void>;
  /** Applications with what each needs; all with versions 1.0 and then 1.1 in use. */
  applications(dependencies: Readonly<Record<string, readonly string[]>>): Promise<void>;
  /** Starts a run that brings a version of an application; the result is its id. */
  deploy(application: string, version: string, config?: object): Promise<string>;
  begin(over?: { readonly reason?: string; readonly to?: string }): Promise<BegunEmergency>;
  /** Resolves when the run stands so. */
  until(run: string, what: string, holds: (row: RunRow) => boolean): Promise<RunRow>;
  untilEnded(id: string): Promise<EmergencyReport>;
  /** What is in use, by application. */
  inUse(): Promise<Record<string, string>>;
  /** Ordinary work stops; the emergency worker goes on. */
  stopOrdinary(): Promise<void>;
  startOrdinary(): Promise<void>;
  close(): Promise<void>;
}

export async function openEmergencyBed(atOnce = 20): Promise<EmergencyBed> {
  const folder = makeTempFolder('emergency');
  const [temporal, database] = await Promise.all([startTemporal(), createTestDatabase()]);
  const settings = readSettings({
    SLUICE_DATA_DIR: folder.path,
    SLUICE_DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
  });
  const engine = createEngineDeps(settings);
  const deps = depsWith(engine, { containers: new FakeOperations() });
  const pool = await deps.database();
  const releases = new PlayedReleases(pool);
  const workers = new BedWorkers(temporal.address, { deps, pool, releases });
  await workers.startEmergency();
  await workers.startOrdinary();
  let environment = '';
  const client = await deps.temporal();
  const bed: EmergencyBed = {
    ...{ deps, pool, client, releases },
    get environment() {
      return environment;
    },
    newEnvironment: async () => {
      environment = `env-${randomUUID().slice(0, 8)}`;
      const content = JSON.stringify({
        environments: { [environment]: { target: 'docker', max_concurrent_deployments: atOnce, rollback_timeout: 60 } },
        people: { ada: { roles: ['approver'] } },
      });
      await applyConfiguration(deps, { by: LIN.name, file: { name: 'sluice.json', content } });
    },
    applications: async (dependencies) => {
      await apply(deps, dependencies);
      for (const version of ['1.0', '1.1']) {
        const runs = await Promise.all(Object.keys(dependencies).map((one) => bed.deploy(one, version)));
        for (const run of runs) await bed.until(run, 'completed', ({ phase }) => phase === 'completed');
      }
    },
    deploy: async (application, version, config = {}) => {
      const quick = { strategy: 'immediate', bake: '0s', ...config };
      const file = { name: 'r.json', content: JSON.stringify({ application, version, environment, config: quick }) };
      const { plan } = await createPlan(deps, { file, author: LIN.name, acceptNoWayBack: 'a test' });
      return (await executePlan(deps, { planId: plan.planId, person: LIN })).run;
    },
    begin: ({ reason = 'it burns', to } = {}) => beginEmergency(deps, { environment, reason, to, person: LIN }),
    until: (run, what, holds) =>
      eventually(async () => {
        const row = await readRun(pool, run);
        if (row && holds(row)) return row;
        throw new Error(`${run} is not ${what}: ${row?.phase ?? 'unknown'} ${row?.view?.step?.id ?? ''}`);
      }, DEADLINE_MS),
    untilEnded: (id) =>
      eventually(async () => {
        const { report, isOpen } = await loadReport(deps, id);
        if (isOpen) throw new Error(`${id} is at ${report.stage}: ${JSON.stringify(report)}`);
        return report;
      }, DEADLINE_MS),
    inUse: async () => {
      const { rows } = await pool.query<{ application: string; version: string }>(
        "select application, version from releases where environment = $1 and state = 'stable'",
        [environment],
      );
      return Object.fromEntries(rows.map(({ application, version }) => [application, version]));
    },
    stopOrdinary: () => workers.stopOrdinary(),
    startOrdinary: () => workers.startOrdinary(),
    close: async () => {
      await workers.close();
      await engine.close();
      await temporal.stop();
      await database.drop();
      folder.remove();
    },
  };
  await bed.newEnvironment();
  return bed;
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
      hold: (environment) => holdOf(pool, environment),
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
