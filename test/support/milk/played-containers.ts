// Containers that are only rows: a run started here is completed at once, and what it promoted is what is observed.
import type { Client } from '@temporalio/client';
import { insertPlace, readPlace, updatePlace } from '../../../activities/adapters/postgres/application-places.ts';
import { inTransaction, type Connection, type Pool } from '../../../activities/adapters/postgres/pool.ts';
import { insertRelease, markStable } from '../../../activities/adapters/postgres/release-rows.ts';
import {
  readStableReleases,
  type KeptRelease,
} from '../../../activities/adapters/postgres/releases-of-applications.ts';
import { closeRun } from '../../../activities/adapters/postgres/runs.ts';
import type { RunId } from '#domain/ids.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { ContainerOperations, ObservedInstance } from '#domain/ports/container-operations.port.ts';
import type { RunInput } from '#domain/run/run-input.ts';
import type { Phase } from '#domain/run/run-state.ts';

export interface PlayedContainers {
  readonly containers: ContainerOperations;
  readonly temporal: () => Promise<Client>;
  /** What the runs were started with, oldest first. */
  readonly started: RunInput[];
  /** References whose tag was asked for, oldest first. */
  readonly resolved: string[];
  /** How the runs from now on end. */
  end: Phase;
  /** Instances that the router calls down. */
  readonly down: Set<string>;
  /** Why the worker does not answer; null: it does. */
  silent: string | null;
}

export function playContainers(database: () => Promise<Pool>): PlayedContainers {
  const start = async (_workflow: string, { args: [input] }: { args: [RunInput] }): Promise<void> => {
    played.started.push(input);
    await play(await database(), input, played.end);
  };
  const connection = { withDeadline: (_deadline: number, work: () => Promise<void>) => work() };
  const played: PlayedContainers = {
    containers: operations(database, () => played),
    temporal: async () => ({ workflow: { start }, connection }) as unknown as Client,
    started: [],
    resolved: [],
    end: 'completed',
    down: new Set(),
    silent: null,
  };
  return played;
}

function operations(database: () => Promise<Pool>, played: () => PlayedContainers): ContainerOperations {
  return {
    resolveImage: async ({ reference }) => {
      played().resolved.push(reference);
      const digest = `sha256:${Buffer.from(reference).toString('hex').padEnd(64, '0').slice(-64)}`;
      return { pin: 'registry-digest', image: `${reference}@${digest}`, digest, sizeBytes: null };
    },
    observeEnvironment: async ({ environment }) => {
      const { silent, down } = played();
      if (silent !== null) throw new Error(silent);
      const stable = (await readStableReleases(await database())).filter((one) => one.environment === environment);
      const applications = stable.map((release) => ({
        application: release.application,
        address: { host: '127.0.0.1', port: PORT },
        canaryBasisPoints: 0,
        stableArm: 'a' as const,
        instances: instancesOf(release, down),
      }));
      return { environment, engines: [], router: { kind: 'silent', why: 'played' }, applications, rebuilt: [] };
    },
    readLogs: async ({ application, lines }) => [
      { instance: `${application}-1-1`, lines: Array.from({ length: lines }, (_, at) => `line ${at + 1}`) },
    ],
    validateEnvironment: async () => [],
  };
}

const PORT = 8_123;

const instancesOf = (
  { environment, application, release, version, run, spec }: KeptRelease,
  down: ReadonlySet<string>,
): ObservedInstance[] =>
  Array.from({ length: spec.replicas }, (_, at) => {
    const replica = at + 1;
    const name = `${application}-${release}-${replica}`;
    return {
      engine: 'local',
      id: name,
      name,
      state: 'running',
      labels: {
        environment,
        application,
        version,
        release,
        replica,
        run,
        step: 's',
        generation: 1,
        spec: '',
        plan: '',
      },
      address: { host: '127.0.0.1', port: PORT },
      startedAt: null,
      exit: null,
      image: spec.image.image,
      imageId: '',
      arm: 'a',
      routed: { up: !down.has(name), state: 'ready', inFlight: 0 },
    };
  });

async function play(pool: Pool, { run, plan }: RunInput, phase: Phase): Promise<void> {
  await inTransaction(pool, async (connection) => {
    if (phase === 'completed') await promote(connection, run, plan as ContainerPlan);
    await closeRun(connection, run as RunId, { phase, at: new Date().toISOString(), view: null });
  });
}

async function promote(connection: Connection, run: string, { planId, environment, application }: ContainerPlan) {
  const place = { environment: environment.name, application: application.name };
  await insertPlace(connection, { ...place, listenPort: PORT });
  const before = await readPlace(connection, place.environment, place.application);
  const release = (before?.lastRelease ?? 0) + 1;
  await updatePlace(connection, { ...place, listenPort: PORT, lastRelease: release, generation: release, route: null });
  await insertRelease(connection, {
    ...place,
    release,
    run,
    planId,
    generation: release,
    version: application.version,
    digest: application.image.digest,
    arm: 'a',
    listenPort: PORT,
    spec: application,
    state: 'staging',
    before: null,
  });
  await markStable(connection, { ...place, release });
}
