// Activities of containers on a real PostgreSQL, with engines and a router in memory that a test can hurt.
import type { RequestListener } from 'node:http';
import pino from 'pino';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { routeKey, type Route } from '#domain/containers/route.ts';
import type { ContainerPlan, PlannedApplication } from '#domain/plan/container-plan.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { CommandResult, Replica } from '#domain/ports/container-engine.port.ts';
import type { PreparedRelease, ReleaseActivities } from '#domain/ports/release.port.ts';
import { readPlace, type ApplicationPlace } from '../../../activities/adapters/postgres/application-places.ts';
import { createPool, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { releaseOfRun, type ReleaseRow } from '../../../activities/adapters/postgres/release-rows.ts';
import type { ContainerDeps, ReleasePoint } from '../../../activities/containers/deps.ts';
import { createReleaseActivities } from '../../../activities/containers/release.activities.ts';
import { FakeContainerEngine } from '../fakes/fake-container-engine.ts';
import type { FakeImage } from '../fakes/fake-images.ts';
import type { FakeBehaviour } from '../fakes/fake-replica.ts';
import { FakeRouter } from '../fakes/fake-router.ts';
import { attempt } from '../fleet/fleet-world.ts';
import { makeTempFolder } from '../servers/temp-folder.ts';
import { createTestDatabase } from '../servers/test-database.ts';
import { containerPlanOf, plannedApplication, storeContainerPlan } from './container-plan.ts';

type EngineName = 'local' | 'second';

/** The address of an engine of this world. */
export const engineAt = (name: EngineName): EngineAddress => ({
  name,
  way: { kind: 'socket', path: `/${name}.sock` },
  reach: { kind: 'bridge' },
});

export interface ContainerWorld {
  readonly pool: Pool;
  readonly dataDirectory: string;
  readonly engines: Readonly<Record<EngineName, FakeContainerEngine>>;
  readonly router: FakeRouter;
  readonly deps: ContainerDeps;
  readonly activities: ReleaseActivities;
  /** What containers of a version do once started; they serve without. */
  readonly behaviour: Map<string, FakeBehaviour>;
  /** What a version answers to HTTP. */
  readonly answers: Map<string, RequestListener>;
  /** What a command inside a container answers; exit code 0 without. */
  command: CommandResult;
  /** The worker dies when it comes there next. */
  dieAt(point: ReleasePoint): void;
  /** Called at each named moment. */
  at: (point: ReleasePoint) => Promise<void>;
  /** An environment that no other test has. */
  readonly environment: string;
  /** A new environment, all else forgotten: for the next test. */
  next(): void;
  /** An application counts its releases over all environments; true begins with the first one again. */
  countsAnew: boolean;
  /** Stores a plan for `version` in this environment; the reference of a run of it. */
  run(version: string, changes?: PlanChanges): Promise<RunRef>;
  prepared(version: string, changes?: PlanChanges): Promise<Prepared>;
  /** Its instances run. */
  staged(version: string, changes?: PlanChanges): Promise<Prepared>;
  /** They are ready and known to the router, without traffic. */
  verified(version: string, changes?: PlanChanges): Promise<Prepared>;
  /** It has all the traffic and is stable; what was before is retired. */
  serving(version: string, changes?: PlanChanges): Promise<Prepared>;
  place(): Promise<ApplicationPlace>;
  route(): Promise<Route>;
  row(ref: RunRef): Promise<ReleaseRow>;
  /** All containers of this environment, on every engine, by name. */
  containers(): Promise<Replica[]>;
  names(): Promise<string[]>;
  close(): Promise<void>;
}

export interface PlanChanges {
  readonly application?: Partial<PlannedApplication>;
  readonly plan?: Partial<ContainerPlan>;
}

export type Prepared = PreparedRelease & { readonly ref: RunRef };

/** Long enough for everything that is to happen. */
const SOON_MS = 10_000;
export const soon = (inMs: number = SOON_MS): string => new Date(Date.now() + inMs).toISOString();

export const REPLICAS = [1, 2];

export async function openContainerWorld(): Promise<ContainerWorld> {
  const database = await createTestDatabase();
  const folder = makeTempFolder('containers');
  const pool = createPool(database.url, 8);
  const state = new WorldState(pool, folder.path);
  return Object.assign(state, {
    close: async () => {
      for (const engine of Object.values(state.engines)) engine.close();
      await pool.end();
      await database.drop();
      folder.remove();
    },
  });
}

let environments = 0;

class WorldState implements Omit<ContainerWorld, 'close'> {
  readonly pool: Pool;
  readonly dataDirectory: string;
  readonly behaviour = new Map<string, FakeBehaviour>();
  readonly answers = new Map<string, RequestListener>();
  readonly activities: ReleaseActivities;
  readonly deps: ContainerDeps;
  engines = { local: this.makeEngine('local'), second: this.makeEngine('second') };
  router = new FakeRouter();
  command: CommandResult = { exitCode: 0, output: '' };
  environment = '';
  at: (point: ReleasePoint) => Promise<void> = async () => undefined;
  countsAnew = true;
  private fatal: ReleasePoint | null = null;

  constructor(pool: Pool, dataDirectory: string) {
    this.pool = pool;
    this.dataDirectory = dataDirectory;
    const current = (): FakeRouter => this.router;
    this.deps = {
      pool,
      dataDirectory,
      logger: pino({ level: 'silent' }),
      listenHost: '127.0.0.1',
      engine: async ({ name }) => this.engines[name as EngineName],
      get router() {
        return current();
      },
      reached: (point) => this.reached(point),
    };
    // Parts are spread by the activities: a router that is replaced between tests must be found all the same.
    this.activities = new Proxy({} as ReleaseActivities, {
      get: (_none, name: keyof ReleaseActivities) => createReleaseActivities({ ...this.deps })[name],
    });
    this.next();
  }

  next(): void {
    environments += 1;
    this.environment = `env${environments}`;
    this.engines = { local: this.makeEngine('local'), second: this.makeEngine('second') };
    this.router = new FakeRouter();
    this.behaviour.clear();
    this.answers.clear();
    this.command = { exitCode: 0, output: '' };
    this.at = async () => undefined;
    this.fatal = null;
    this.countsAnew = true;
  }

  dieAt(point: ReleasePoint): void {
    this.fatal = point;
  }

  async run(version: string, { application = {}, plan = {} }: PlanChanges = {}): Promise<RunRef> {
    if (this.countsAnew)
      await this.pool.query('update application_places set last_release = 0 where environment <> $1', [
        this.environment,
      ]);
    const base = plannedApplication();
    const stable = await this.stable();
    const present = stable && {
      release: stable.release,
      version: stable.version,
      digest: stable.digest,
      replicas: stable.spec.replicas,
    };
    const planned = containerPlanOf({ engines: [engineAt('local')], version, readiness: QUICK, ...application });
    return storeContainerPlan(this.pool, {
      ...planned,
      application: { ...planned.application, container: { ...base.container, ...application.container } },
      environment: { ...planned.environment, name: this.environment },
      present,
      strategy: present === null ? { kind: 'first' } : { kind: 'blue_green', switchTimeoutMs: SOON_MS },
      ...plan,
    });
  }

  async prepared(version: string, changes?: PlanChanges): Promise<Prepared> {
    const ref = await this.run(version, changes);
    return { ref, ...(await attempt(this.activities.prepareRelease, ref).result) };
  }

  async staged(version: string, changes?: PlanChanges): Promise<Prepared> {
    const made = await this.prepared(version, changes);
    await attempt(this.activities.stageInstances, { ...made.ref, step: 'stage', replicas: REPLICAS }).result;
    return made;
  }

  async verified(version: string, changes?: PlanChanges): Promise<Prepared> {
    const made = await this.staged(version, changes);
    const wish = {
      ...made.ref,
      look: null,
      step: 'verify',
      replicas: REPLICAS,
      join: 'beside',
      deadlineAt: soon(),
    } as const;
    const outcome = await attempt(this.activities.verifyInstances, wish).result;
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    return made;
  }

  async serving(version: string, changes?: PlanChanges): Promise<Prepared> {
    const made = await this.verified(version, changes);
    const { activities } = this;
    const shift = { ...made.ref, look: null, weightBasisPoints: 10_000, deadlineAt: soon() };
    const outcome = await attempt(activities.shiftTraffic, shift).result;
    if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
    await attempt(activities.retireInstances, { ...made.ref, look: null, keep: 0 }).result;
    await attempt(activities.promoteRelease, { ...made.ref, look: null }).result;
    return made;
  }

  async place(): Promise<ApplicationPlace> {
    const place = await readPlace(this.pool, this.environment, 'shop');
    if (place === null) throw new Error(`shop has no place in ${this.environment}`);
    return place;
  }

  async route(): Promise<Route> {
    const { route } = await this.place();
    if (route === null) throw new Error(`${routeKey(this.environment, 'shop')} has no route`);
    return route;
  }

  async row({ run }: RunRef): Promise<ReleaseRow> {
    const row = await releaseOfRun(this.pool, run);
    if (row === null) throw new Error(`${run} has no release`);
    return row;
  }

  async containers(): Promise<Replica[]> {
    const { environment } = this;
    const lists = await Promise.all(Object.values(this.engines).map((engine) => engine.listReplicas({ environment })));
    return lists.flat().sort((one, other) => one.name.localeCompare(other.name, 'en', { numeric: true }));
  }

  async names(): Promise<string[]> {
    return (await this.containers()).map(({ name }) => name);
  }

  private async stable(): Promise<ReleaseRow | null> {
    const { rows } = await this.pool.query<{ run: string }>(
      `select run_id as run from releases where environment = $1 and state = 'stable'`,
      [this.environment],
    );
    return rows[0] ? releaseOfRun(this.pool, rows[0].run) : null;
  }

  private async reached(point: ReleasePoint): Promise<void> {
    await this.at(point);
    if (this.fatal !== point) return;
    this.fatal = null;
    throw new Error(`died at ${point}`);
  }

  private makeEngine(name: EngineName): FakeContainerEngine {
    const { digest } = plannedApplication().image;
    const image: FakeImage = { reference: 'registry.example/shop:2.0.0', digest, isInRegistry: true, isOnEngine: true };
    return new FakeContainerEngine({
      name,
      images: [image],
      behave: ({ labels }) => {
        const answer = this.answers.get(labels.version);
        return this.behaviour.get(labels.version) ?? { kind: 'serves', ...(answer && { answer }) };
      },
      command: () => this.command,
    });
  }
}

/** One good answer is enough, and a bad one comes soon. */
const QUICK: PlannedApplication['readiness'] = {
  kind: 'http',
  path: '/health',
  expectedStatus: 200,
  timing: { everyMs: 1_000, timeoutMs: 500, healthyAfter: 1, unhealthyAfter: 3 },
};
