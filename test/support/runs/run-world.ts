// One run at a time on the time-skipping server: one clock that jumps over every wait.
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { vi } from 'vitest';
import type { JournalEventType } from '#domain/journal/journal-entry.ts';
import { RUN_SEARCH_ATTRIBUTES, FLEET_ROLLOUT_WORKFLOW } from '#domain/search-attributes.ts';
import type { AnyCommand, CommandName, GateDecision } from '#domain/run/commands.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { Plan } from '#domain/plan/plan.ts';
import { runState, runUpdates } from '../../../workflows/runtime/run.messages.ts';
import { createFakeFleet, type FakeFleet } from '../fakes/fake-fleet.ts';
import type { FleetScript } from '../fakes/fleet-script.ts';
import { aPlan } from './plan-builder.ts';
import { workflowBundle } from './run-bundle.ts';

// What a worker says of its own start and stop would bury a failing test.
Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'ERROR' } } });

const KEYWORD = 2;
const TEST_SERVER = process.env['TEMPORAL_TEST_SERVER_PATH'] ?? '.tools/bin/temporal-test-server';

export interface RunWorld {
  readonly fleet: FakeFleet;
  readonly handle: WorkflowHandle;
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

interface WorldOptions {
  readonly plan?: Partial<Plan>;
  readonly script?: FleetScript;
  readonly input?: Partial<RunInput>;
  /** 0 replays the whole history at every task: a determinism test for free. */
  readonly maxCachedWorkflows?: number;
}

/** Starts a run on a server of its own, with a scripted fleet. The clock stands until `sleep` or `result`. */
export async function startRun(options: WorldOptions = {}): Promise<RunWorld> {
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: TEST_SERVER } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(RUN_SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD])),
  });
  const fleet = createFakeFleet(options.script);
  const taskQueue = `runs-${randomUUID()}`;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: fleet.activities,
    maxCachedWorkflows: options.maxCachedWorkflows ?? 100,
    maxHeartbeatThrottleInterval: '100ms',
  });
  const running = worker.run();
  const client = new Client({ connection: env.connection });
  const runId = `exe_${randomUUID().replaceAll('-', '')}`;
  const handle = await client.workflow.start(FLEET_ROLLOUT_WORKFLOW, {
    taskQueue,
    workflowId: `fleet-rollout/${runId}`,
    // This server refuses a task that cancels an activity which ended meanwhile; the task is then timed out and repeated.
    workflowTaskTimeout: '1s',
    args: [{ ...runInput(runId, taskQueue, aPlan(options.plan)), ...options.input }],
  });
  return worldOf({ env, fleet, handle, runId, stop: async () => (worker.shutdown(), running) });
}

function runInput(run: string, queue: string, plan: Plan): RunInput {
  const queues = { fleet: queue, telemetry: queue, data: queue };
  return { schema: 1, run, plan, digest: 'd'.repeat(64), startedBy: { by: 'lin', via: 'cli', reason: '' }, decisions: [], queues };
}

interface WorldParts extends Pick<RunWorld, 'fleet' | 'handle' | 'runId'> {
  readonly env: TestWorkflowEnvironment;
  readonly stop: () => Promise<void>;
}

function worldOf({ env, fleet, handle, runId, stop }: WorldParts): RunWorld {
  const { testService } = env.connection;
  const command = (name: CommandName, over: Partial<GateDecision> = {}): Promise<RunView> => {
    const commandId = over.commandId ?? randomUUID();
    const args = { commandId, by: 'ada', via: 'cli', reason: 'because', ...over } as AnyCommand;
    return handle.executeUpdate(runUpdates[name] as never, { updateId: commandId, args: [args] as never });
  };
  return {
    fleet,
    handle,
    runId,
    command,
    approve: (by, over = {}) =>
      command('decideGate', { gate: null, decision: 'approve', digest: null, roles: ['approver'], verified: false, by, ...over }),
    view: () => handle.query(runState),
    sleep: (durationMs) => env.sleep(durationMs),
    journaled: (type, summary = /./) =>
      vi.waitFor(
        () => {
          const entries = fleet.journal(runId);
          if (!entries.some((entry) => entry.type === type && summary.test(entry.summary))) {
            throw new Error(`no ${type} ${String(summary)} in: ${entries.map((entry) => entry.summary).join(' | ')}`);
          }
        },
        { timeout: 10_000, interval: 20 },
      ),
    async result() {
      await testService?.unlockTimeSkipping({});
      try {
        return (await handle.result()) as RunResult;
      } finally {
        await testService?.lockTimeSkipping({});
      }
    },
    async close() {
      await stop();
      await env.teardown();
    },
  };
}
