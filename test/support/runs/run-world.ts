// One run with a scripted fleet, on a Temporal server of one's choice.
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { JournalEventType } from '#domain/journal/journal-entry.ts';
import { FLEET_ROLLOUT_WORKFLOW } from '#domain/search-attributes.ts';
import type { AnyCommand, CommandName, GateDecision } from '#domain/run/commands.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import { runState, runUpdates } from '../../../workflows/runtime/run.messages.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import { eventually } from '../eventually.ts';
import { createFakeFleet, type FakeFleet } from '../fakes/fake-fleet.ts';
import type { FleetScript } from '../fakes/fleet-script.ts';
import { aPlan } from './plan-builder.ts';
import { workflowBundle } from './run-bundle.ts';
import { timeSkippingServer, type RunServer } from './run-servers.ts';

// What a worker says of its own start and stop would bury a failing test.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

/** Stands in recorded histories, which say nothing of the machine that recorded them. */
const IDENTITY = 'run-world';

export interface RunWorld {
  readonly fleet: FakeFleet;
  readonly handle: WorkflowHandle;
  readonly client: Client;
  readonly runId: string;
  command(name: CommandName, over?: Partial<GateDecision>): Promise<RunView>;
  approve(by: string, over?: Partial<GateDecision>): Promise<RunView>;
  view(): Promise<RunView>;
  /** Lets the clock run until `durationMs` of the run's time passed. */
  sleep(durationMs: number): Promise<void>;
  /** Resolves when the journal holds an entry of this type (and summary); the clock stands. */
  journaled(type: JournalEventType, summary?: RegExp): Promise<void>;
  /** Lets the clock run until the run closed. */
  result(): Promise<RunResult>;
  close(): Promise<void>;
}

export interface WorldOptions {
  readonly plan?: Partial<Plan>;
  readonly script?: FleetScript;
  readonly input?: Partial<RunInput>;
  /** The arguments of the workflow as somebody else might give them. */
  readonly rawInput?: readonly unknown[];
  /** 0 replays the whole history at every task: a determinism test for free. */
  readonly maxCachedWorkflows?: number;
}

/** Starts a run on a time-skipping server of its own. The clock stands until `sleep` or `result`. */
export async function startRun(options: WorldOptions = {}): Promise<RunWorld> {
  const server = await timeSkippingServer();
  const run = await startRunOn(server, options);
  return {
    ...run,
    async close() {
      await run.close();
      await server.close();
    },
  };
}

/** The same on a server that outlives the run. */
export async function startRunOn(server: RunServer, options: WorldOptions = {}): Promise<RunWorld> {
  const fleet = createFakeFleet(options.script);
  const taskQueue = `runs-${randomUUID()}`;
  const { connection, nativeConnection, namespace } = server;
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: fleet.activities,
    maxCachedWorkflows: options.maxCachedWorkflows ?? 100,
    maxHeartbeatThrottleInterval: '100ms',
    dataConverter: makeDataConverter(),
    identity: IDENTITY,
  });
  const running = worker.run();
  const client = new Client({ connection, namespace, dataConverter: makeDataConverter(), identity: IDENTITY });
  const runId = `exe_${randomUUID().replaceAll('-', '')}`;
  const handle = await client.workflow.start(FLEET_ROLLOUT_WORKFLOW, {
    taskQueue,
    workflowId: `fleet-rollout/${runId}`,
    // The time-skipping server refuses a task that cancels an activity which ended meanwhile; it is then repeated.
    workflowTaskTimeout: '1s',
    args: [...(options.rawInput ?? [{ ...runInput(runId, taskQueue, aPlan(options.plan)), ...options.input }])],
  });
  return worldOf({ server, fleet, handle, client, runId, stop: async () => (worker.shutdown(), running) });
}

function runInput(run: string, queue: string, plan: Plan): RunInput {
  const queues = { fleet: queue, telemetry: queue, data: queue };
  return {
    schema: 1,
    run,
    plan: runPlanOf(plan),
    digest: 'd'.repeat(64),
    startedBy: { by: 'lin', via: 'cli', verified: false, reason: '' },
    decisions: [],
    queues,
  };
}

interface WorldParts extends Pick<RunWorld, 'fleet' | 'handle' | 'client' | 'runId'> {
  readonly server: RunServer;
  readonly stop: () => Promise<void>;
}

function worldOf({ server, fleet, handle, client, runId, stop }: WorldParts): RunWorld {
  const command = (name: CommandName, over: Partial<GateDecision> = {}): Promise<RunView> => {
    const commandId = over.commandId ?? randomUUID();
    const who = { by: 'ada', via: 'cli', verified: false, roles: ['approver'] };
    const args = { commandId, reason: 'because', ...who, ...over } as AnyCommand;
    return handle.executeUpdate(runUpdates[name] as never, { updateId: commandId, args: [args] as never });
  };
  return {
    fleet,
    handle,
    client,
    runId,
    command,
    approve: (by, over = {}) =>
      command('decideGate', {
        gate: null,
        decision: 'approve',
        digest: null,
        by,
        ...over,
      }),
    view: () => handle.query(runState),
    sleep: (durationMs) => server.sleep(durationMs),
    journaled: (type, summary = /./) =>
      eventually(() => {
        const entries = fleet.journal(runId);
        if (entries.some((entry) => entry.type === type && summary.test(entry.summary))) return;
        throw new Error(`no ${type} ${String(summary)} in: ${entries.map((entry) => entry.summary).join(' | ')}`);
      }),
    result: () => server.running(async () => (await handle.result()) as RunResult),
    close: stop,
  };
}
