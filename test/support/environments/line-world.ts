// Many runs with scripted fleets in one environment, and its coordinator, on one clock.
import { randomUUID } from 'node:crypto';
import { Client, type WorkflowHandle, type WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { COORDINATOR_WORKFLOW, coordinatorIdOf, freshCoordinator } from '#domain/coordination/coordinator-input.ts';
import { NO_HOLDS, type Holds, type KnownHolds } from '#domain/coordination/holds.ts';
import type { Books, PlaceWish } from '#domain/coordination/place.ts';
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';
import { workflowIdOf, type RunId } from '#domain/ids.ts';
import type { FleetPlan } from '#domain/plan/plan.ts';
import { runPlanOf } from '#domain/plan/run-plan.ts';
import type { AnyCommand, CommandName, GateDecision, StartNow } from '#domain/run/commands.ts';
import type { RunInput, RunResult } from '#domain/run/run-input.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { FLEET_ROLLOUT_WORKFLOW } from '#domain/search-attributes.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import type { RunWithPlace } from '../../../activities/adapters/postgres/run-places.ts';
import { createEnvironmentActivities } from '../../../activities/environments/environment.activities.ts';
import { coordinatorBooks, holdsChanged } from '../../../workflows/environments/environment.messages.ts';
import { runState, runUpdates } from '../../../workflows/runtime/run.messages.ts';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import { eventually } from '../eventually.ts';
import { createFakeFleet, type FakeFleet } from '../fakes/fake-fleet.ts';
import type { FleetScript } from '../fakes/fleet-script.ts';
import { RuleBook } from '../policy/rule-book.ts';
import { aPlan, HOUR_MS } from '../runs/plan-builder.ts';
import '../runs/quiet-runtime.ts';
import { realServer, timeSkippingServer, type RunServer } from '../runs/run-servers.ts';

const ENVIRONMENT = 'production';
const IDENTITY = 'line-world';
/**
 * Never at the end of whole hours, at which tests change something: a look that is called off in the instant of its next
 * attempt keeps the time-skipping server from skipping for good.
 */
const RARE_LOOK_MS = HOUR_MS + 61_000;

export interface RunWish {
  readonly plan?: Partial<FleetPlan>;
  readonly place?: Partial<PlaceWish>;
  readonly windows?: RunInput['windows'];
  readonly asksPolicy?: true;
  /** No worker gets to its first task. */
  readonly isStuck?: true;
}

export interface LineOptions {
  readonly script?: FleetScript;
  /** On the dev server, in real time. */
  readonly isReal?: boolean;
  /** False: the first run that asks opens it. */
  readonly isOpen?: boolean;
  /** Each look is one in skipped time, too: rare unless a test is about it. */
  readonly lookEveryMs?: number;
  readonly continueAfterEvents?: number;
}

/** One run in the line. */
export interface LinedRun {
  readonly run: string;
  readonly handle: WorkflowHandle;
  readonly ticket: number;
  command(name: CommandName, over?: Partial<GateDecision & StartNow>): Promise<RunView>;
  view(): Promise<RunView>;
  /** Resolves when its journal holds such an entry; the clock stands. */
  journaled(summary: RegExp): Promise<void>;
}

export class LineWorld {
  readonly client: Client;
  readonly fleet: FakeFleet;
  /** The rules of the environment. */
  readonly policy = new RuleBook();
  readonly server: RunServer;
  /** The emergency that the environment is in, as it is written down. */
  emergency: EmergencyHold | null = null;
  readonly #taskQueue: string;
  readonly #known: RunWithPlace[] = [];
  #holds: Holds = NO_HOLDS;
  #worker: { readonly stop: () => Promise<void> } | undefined;
  #tickets = 0;
  #opened: Promise<WorkflowHandleWithFirstExecutionRunId> | undefined;

  private constructor(server: RunServer, script: FleetScript) {
    const { connection, namespace } = server;
    this.server = server;
    this.client = new Client({ connection, namespace, dataConverter: makeDataConverter(), identity: IDENTITY });
    this.fleet = createFakeFleet(script);
    this.#taskQueue = `line-${randomUUID()}`;
  }

  static async open({ script = {}, ...coordinator }: LineOptions = {}): Promise<LineWorld> {
    const world = new LineWorld(await (coordinator.isReal ? realServer() : timeSkippingServer()), script);
    await world.#startWorker();
    if (coordinator.isOpen ?? true) world.#opened = world.#openCoordinator(coordinator);
    await world.#opened;
    return world;
  }

  /** Starts a run which wants a place; its ticket is the next one unless the wish says otherwise. */
  async start(wish: RunWish = {}): Promise<LinedRun> {
    const { plan: over = {}, place: wished = {}, windows = [], isStuck = false, ...asks } = wish;
    this.#tickets += 1;
    const run = `exe_${randomUUID().replaceAll('-', '')}`;
    const plan = aPlan(over);
    this.policy.know(run, plan);
    const place: PlaceWish = {
      environment: ENVIRONMENT,
      ticket: this.#tickets,
      priority: 'normal',
      subject: `application-${this.#tickets}`,
      after: [],
      maximum: 5,
      ...wished,
    };
    const workflowId = workflowIdOf(run as RunId, plan.kind);
    this.#known.push({ run, workflowId, place });
    const handle = await this.client.workflow.start(FLEET_ROLLOUT_WORKFLOW, {
      taskQueue: isStuck ? `${this.#taskQueue}-unserved` : this.#taskQueue,
      workflowId,
      workflowTaskTimeout: '1s',
      args: [{ ...this.#input(run, plan, place), ...(windows.length > 0 && { windows }), ...asks }],
    });
    return this.#lined(run, handle, place.ticket);
  }

  /** What the coordinator's books hold, by run. */
  async books(): Promise<{ holders: string[]; resting: string[]; waiting: string[] }> {
    const { holders, resting, waiting } = await this.coordinator().query<Books, []>(coordinatorBooks);
    const names = (all: readonly { readonly run: string }[]): string[] => all.map(({ run }) => run);
    return { holders: names(holders), resting: names(resting), waiting: names(waiting) };
  }

  /** Resolves when the books are as wanted; the clock stands. */
  untilBooks(what: string, holds: (books: { holders: string[]; resting: string[]; waiting: string[] }) => boolean) {
    return eventually(async () => {
      const books = await this.books();
      if (!holds(books)) throw new Error(`not yet ${what}: ${JSON.stringify(books)}`);
    });
  }

  /** Whom the coordinator let in, in that order, and how many of them were under way at once; of its present history. */
  async grants(): Promise<{ order: string[]; most: number }> {
    const { events } = await this.coordinator().fetchHistory();
    const order: string[] = [];
    let [present, most] = [0, 0];
    for (const event of events ?? []) {
      const granted = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
      if (granted) order.push(granted.workflowExecution?.workflowId?.split('/')[1] ?? '');
      if (granted) present += 1;
      if (event.workflowExecutionSignaledEventAttributes?.signalName === 'giveBackPlace') present -= 1;
      most = Math.max(most, present);
    }
    return { order, most };
  }

  /** Writes what is in force from now on, and tells nobody. */
  write(change: Partial<Omit<Holds, 'revision'>>): Holds {
    this.#holds = { ...this.#holds, ...change, revision: this.#holds.revision + 1 };
    return this.#holds;
  }

  /** The same, and the coordinator hears of it. */
  async hold(change: Partial<Omit<Holds, 'revision'>>): Promise<void> {
    await this.coordinator().signal(holdsChanged, this.write(change));
  }

  /** What the coordinator knows of freezes and pins. */
  async knownHolds(): Promise<KnownHolds> {
    return this.coordinator().query<Books, []>(coordinatorBooks);
  }

  untilHolds(what: string, holds: (known: KnownHolds) => boolean): Promise<void> {
    return eventually(async () => {
      const known = await this.knownHolds();
      if (!holds(known)) throw new Error(`not yet ${what}: ${JSON.stringify(known)}`);
    });
  }

  coordinator(): WorkflowHandle {
    return this.client.workflow.getHandle(coordinatorIdOf(ENVIRONMENT));
  }

  /** The coordinator that was opened with the world. */
  opened(): Promise<WorkflowHandleWithFirstExecutionRunId> {
    if (!this.#opened) throw new Error('the first run opens it');
    return this.#opened;
  }

  /** As the chore of the workers does, but it looks rarely. */
  async openAgain(): Promise<void> {
    await this.#openCoordinator({});
  }

  /** Lets the clock run until all are closed. */
  results(runs: readonly LinedRun[]): Promise<RunResult[]> {
    return this.server.running(() => Promise.all(runs.map(async ({ handle }) => (await handle.result()) as RunResult)));
  }

  async close(): Promise<void> {
    await this.#worker?.stop();
    await this.server.close();
  }

  #openCoordinator({
    lookEveryMs = RARE_LOOK_MS,
    continueAfterEvents = 4_000,
  }: LineOptions): Promise<WorkflowHandleWithFirstExecutionRunId> {
    const queues = { data: this.#taskQueue };
    const input = { ...freshCoordinator(ENVIRONMENT, queues), lookEveryMs, continueAfterEvents };
    return this.client.workflow.start(COORDINATOR_WORKFLOW, {
      taskQueue: this.#taskQueue,
      workflowId: coordinatorIdOf(ENVIRONMENT),
      workflowTaskTimeout: '1s',
      args: [input],
    });
  }

  async #startWorker(): Promise<void> {
    const openRuns = async () => this.#known;
    const holds = async () => this.#holds;
    const emergency = async () => this.emergency;
    const temporal = async () => this.client;
    const worker = await Worker.create({
      connection: this.server.nativeConnection,
      namespace: this.server.namespace,
      taskQueue: this.#taskQueue,
      workflowBundle: await workflowBundle(),
      activities: {
        ...this.fleet.activities,
        ...this.policy.activities,
        ...createEnvironmentActivities({ openRuns, holds, emergency, temporal }),
      },
      maxHeartbeatThrottleInterval: '100ms',
      dataConverter: makeDataConverter(),
      identity: IDENTITY,
    });
    const running = worker.run();
    this.#worker = { stop: async () => (worker.shutdown(), running) };
  }

  #input(run: string, plan: FleetPlan, place: PlaceWish): RunInput {
    const queue = this.#taskQueue;
    return {
      schema: 1,
      run,
      plan: runPlanOf({ ...plan, environment: { ...plan.environment, name: ENVIRONMENT } }),
      digest: 'd'.repeat(64),
      startTold: 'once',
      startedBy: { by: 'lin', via: 'cli', verified: false, reason: '' },
      decisions: [],
      queues: { fleet: queue, telemetry: queue, data: queue, docker: queue },
      place,
    };
  }

  #lined(run: string, handle: WorkflowHandle, ticket: number): LinedRun {
    return {
      run,
      handle,
      ticket,
      command: (name, over = {}) => {
        const who = { by: 'ada', via: 'cli', verified: false, roles: ['approver'] };
        const args = { commandId: randomUUID(), reason: 'because', ...who, ...over } as AnyCommand;
        return handle.executeUpdate(runUpdates[name] as never, { args: [args] as never });
      },
      view: () => handle.query(runState),
      journaled: (summary) =>
        eventually(() => {
          const story = this.fleet.journal(run).map((entry) => entry.summary);
          if (!story.some((line) => summary.test(line)))
            throw new Error(`no ${String(summary)} in ${story.join(' | ')}`);
        }),
    };
  }
}
