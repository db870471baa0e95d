// One run with a scripted fleet, or with scripted engines and a router, on a Temporal server of one's choice.
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { JournalEventType } from '#domain/journal/journal-entry.ts';
import {
  DEPLOY_APPLICATION_WORKFLOW,
  FLEET_ROLLOUT_WORKFLOW,
  JOINT_RELEASE_WORKFLOW,
} from '#domain/search-attributes.ts';
import type { AnyCommand, CommandName, GateDecision } from '#domain/run/commands.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import type { RunView } from '#domain/run/run-view.ts';
import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import type { JointPlan } from '#domain/plan/joint-plan.ts';
import type { FleetPlan, Plan } from '#domain/plan/plan.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import { runState, runUpdates } from '../../../workflows/runtime/run.messages.ts';
import { createMemberActivities } from '../../../activities/joint-releases/member.activities.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import { eventually } from '../eventually.ts';
import { createFakeFleet, type FakeFleet } from '../fakes/fake-fleet.ts';
import { FakeMembers, type MembersScript } from '../fakes/fake-members.ts';
import { FakeRelease } from '../fakes/fake-release.ts';
import type { FleetScript } from '../fakes/fleet-script.ts';
import type { ReleaseScript } from '../fakes/release-script.ts';
import { RuleBook, type WrittenRule } from '../policy/rule-book.ts';
import { aPlan } from './plan-builder.ts';
import './quiet-runtime.ts';
import { timeSkippingServer, type RunServer } from './run-servers.ts';

/** Stands in recorded histories, which say nothing of the machine that recorded them. */
const IDENTITY = 'run-world';

export interface RunWorld {
  /** Devices, gates, looks and the journal. */
  readonly fleet: FakeFleet;
  /** Engines and router. */
  readonly release: FakeRelease;
  /** The rules of its environment. */
  readonly policy: RuleBook;
  /** The runs of a release's members. */
  readonly members: FakeMembers;
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
  readonly plan?: Partial<FleetPlan>;
  readonly script?: FleetScript;
  /** A release of containers in the place of a rollout to the fleet. */
  readonly containers?: ContainerPlan;
  readonly release?: ReleaseScript;
  /** A release of several applications in the place of a rollout to the fleet. */
  readonly joint?: JointPlan;
  readonly members?: MembersScript;
  /** The workflow that is given the plan, where it is another plan's. */
  readonly workflow?: string;
  readonly input?: Partial<RunInput>;
  /** Rules of the environment; the run asks them from its first step on. */
  readonly rules?: readonly WrittenRule[];
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
  const plan: Plan = options.joint ?? options.containers ?? aPlan(options.plan);
  const released = plan.kind === 'container-release' ? plan : null;
  const release = new FakeRelease(released, options.release, fleet.activities);
  const policy = new RuleBook(options.rules);
  const members = new FakeMembers(options.members);
  const scripted = { ...fleet.activities, ...release.activities };
  const activities = { ...scripted, ...policy.activities, ...createMemberActivities(members) };
  const taskQueue = `runs-${randomUUID()}`;
  const { connection, nativeConnection, namespace } = server;
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities,
    maxCachedWorkflows: options.maxCachedWorkflows ?? 100,
    maxHeartbeatThrottleInterval: '100ms',
    dataConverter: makeDataConverter(),
    identity: IDENTITY,
  });
  const running = worker.run();
  const client = new Client({ connection, namespace, dataConverter: makeDataConverter(), identity: IDENTITY });
  const runId = `exe_${randomUUID().replaceAll('-', '')}`;
  policy.know(runId, plan);
  const handle = await client.workflow.start(options.workflow ?? WORKFLOW_OF[plan.kind], {
    taskQueue,
    workflowId: `${plan.kind}/${runId}`,
    // The time-skipping server refuses a task that cancels an activity which ended meanwhile; it is then repeated.
    workflowTaskTimeout: '1s',
    args: [...(options.rawInput ?? [{ ...runInput(runId, taskQueue, plan), ...inputOf(options) }])],
  });
  const stop = async () => (worker.shutdown(), running);
  return worldOf({ server, fleet, release, policy, members, handle, client, runId, stop });
}

const inputOf = ({ rules, input }: WorldOptions): Partial<RunInput> => ({
  ...(rules && { asksPolicy: true }),
  ...input,
});

const WORKFLOW_OF: Readonly<Record<Plan['kind'], string>> = {
  'fleet-rollout': FLEET_ROLLOUT_WORKFLOW,
  'container-release': DEPLOY_APPLICATION_WORKFLOW,
  'joint-release': JOINT_RELEASE_WORKFLOW,
};

function runInput(run: string, queue: string, plan: Plan): RunInput {
  const queues = { fleet: queue, telemetry: queue, data: queue, docker: queue };
  return {
    schema: 1,
    run,
    plan: runPlanOf(plan),
    digest: 'd'.repeat(64),
    startTold: 'once',
    startedBy: { by: 'lin', via: 'cli', verified: false, reason: '' },
    decisions: [],
    queues,
  };
}

interface WorldParts extends Pick<
  RunWorld,
  'fleet' | 'release' | 'policy' | 'members' | 'handle' | 'client' | 'runId'
> {
  readonly server: RunServer;
  readonly stop: () => Promise<void>;
}

function worldOf({ server, fleet, release, policy, members, handle, client, runId, stop }: WorldParts): RunWorld {
  const command = (name: CommandName, over: Partial<GateDecision> = {}): Promise<RunView> => {
    const commandId = over.commandId ?? randomUUID();
    const who = { by: 'ada', via: 'cli', verified: false, roles: ['approver'] };
    const args = { commandId, reason: 'because', ...who, ...over } as AnyCommand;
    return handle.executeUpdate(runUpdates[name] as never, { updateId: commandId, args: [args] as never });
  };
  return {
    fleet,
    release,
    policy,
    members,
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
