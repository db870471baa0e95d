import type { Client } from '@temporalio/client';
import { applyApplications } from '../../../client/engine/applications/apply-applications.ts';
import type { EngineDeps, Person } from '../../../client/engine/engine.ts';
import { applyConfiguration } from '../../../client/engine/environments/apply-configuration.ts';
import { createPlan, type CreatedPlan } from '../../../client/engine/plans/create-plan.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { Plan } from '#domain/plan/plan.ts';
import type { AnyCommand, CommandName } from '#domain/run/commands.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import { openTestEngine } from '../registry/test-engine.ts';
import { depsWith, FakeOperations } from './fake-operations.ts';

export const ADA: Person = { name: 'ada', roles: ['approver'], verified: false };

export const CONFIGURATION = `
environments: { production: { target: docker }, staging: { type: docker }, field: {} }
people: { ada: { roles: [approver] }, lin: { roles: [approver] } }
`;
export const SHOP = 'applications: { shop: { image: registry.test/shop, port: 8080, replicas: 4 } }';

/** A started workflow, and a command that a run was sent. */
export interface Started {
  readonly type: string;
  readonly workflowId: string;
  readonly input: RunInput;
}
export interface Sent {
  readonly workflowId: string;
  readonly name: CommandName;
  readonly args: AnyCommand;
}

export interface Signalled {
  readonly workflowId: string;
  readonly name: string;
  readonly payload: unknown;
}

/** Environments and applications on a real database, a worker and a Temporal that take everything and remember it. */
export interface ReleaseWorld {
  readonly deps: EngineDeps;
  readonly folder: string;
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly worker: FakeOperations;
  readonly started: Started[];
  readonly sent: Sent[];
  readonly signals: Signalled[];
  /** Called with each command before it is answered. */
  onCommand: (sent: Sent) => Promise<void>;
  configure(yaml: string): Promise<void>;
  applications(yaml: string): ReturnType<typeof applyApplications>;
  plan(file: object, author?: string): Promise<CreatedPlan & { readonly plan: ContainerPlan }>;
  /** Writes what a completed run of that plan leaves: the release in use, those before it retired. */
  release(plan: ContainerPlan, release: number): Promise<void>;
  close(): Promise<void>;
}

export async function openReleaseWorld(): Promise<ReleaseWorld> {
  const engine = await openTestEngine();
  const pool = await engine.deps.database();
  const worker = new FakeOperations();
  const world: ReleaseWorld = {
    deps: depsWith(engine.deps, { containers: worker, temporal: async () => temporalOf(world) }),
    folder: engine.folder,
    databaseUrl: engine.databaseUrl,
    pool,
    worker,
    started: [],
    sent: [],
    signals: [],
    onCommand: async () => undefined,
    configure: async (content) => {
      await applyConfiguration(world.deps, { file: { content, name: 'config.yaml' }, by: 'lin' });
    },
    applications: (content) => applyApplications(world.deps, { file: { content, name: 'apps.yaml' }, by: 'lin' }),
    plan: async (file, author = 'lin') => {
      const written = { content: JSON.stringify(file), name: 'release.yaml' };
      const created = await createPlan(world.deps, { file: written, author, acceptNoWayBack: null });
      return { ...created, plan: containerPlan(created.plan) };
    },
    release: (plan, release) => insertRelease(pool, plan, release),
    close: () => engine.close(),
  };
  return world;
}

/** `plan`, which is one for containers. */
export function containerPlan(plan: Plan): ContainerPlan {
  if (plan.kind === 'container-release') return plan;
  throw new Error('a plan for devices');
}

function temporalOf(world: ReleaseWorld): Client {
  const start = async (type: string, options: { workflowId: string; args: [RunInput] }): Promise<void> =>
    void world.started.push({ type, workflowId: options.workflowId, input: options.args[0] });
  const getHandle = (workflowId: string) => ({
    executeUpdate: async ({ name }: { name: CommandName }, options: { args: [AnyCommand] }) => {
      const sent = { workflowId, name, args: options.args[0] };
      world.sent.push(sent);
      await world.onCommand(sent);
      return {
        run: workflowId.replace(/^.*\//, ''),
        state: { phase: 'running' },
        waiting: null,
        pausing: false,
        subject: { kind: 'application' },
      };
    },
    describe: async () => ({ status: { name: 'RUNNING' } }),
    signal: async (name: string, payload: unknown) => void world.signals.push({ workflowId, name, payload }),
  });
  const connection = { withDeadline: (_deadline: number, work: () => Promise<unknown>) => work() };
  return { workflow: { start, getHandle }, connection } as unknown as Client;
}

async function insertRelease(pool: Pool, { application, environment, planId }: ContainerPlan, release: number) {
  const place = [environment.name, application.name];
  await pool.query(
    `insert into application_places (environment, application, listen_port, last_release)
     values ($1, $2, (select 8100 + count(*) from application_places), $3)
     on conflict (environment, application) do update set last_release = $3`,
    [...place, release],
  );
  await pool.query(
    `update releases set state = 'retired' where environment = $1 and application = $2 and state = 'stable'`,
    place,
  );
  await pool.query(
    `insert into releases (environment, application, release, run_id, plan_id, generation, version, digest, arm, listen_port, spec, state,
       stable_at)
     values ($1, $2, $3::int, $4, $5, $3::int, $6, $7, 'a', 8100, $8, 'stable', now())`,
    [
      ...place,
      release,
      `exe_${environment.name}${release}`,
      planId,
      application.version,
      application.image.digest,
      JSON.stringify(application),
    ],
  );
}
