// One emergency with scripted activities, in skipped time or on the dev server.
import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import {
  EMERGENCY_WORKFLOW,
  emergencyWorkflowId,
  NO_RUNS,
  type ApplicationBack,
  type EmergencyInput,
  type EmergencyReport,
  type LeftBehind,
  type StoppedRun,
} from '#domain/emergency/emergency.ts';
import type { WayBack } from '#domain/emergency/plan-ways-back.ts';
import { errorReport } from '#domain/errors/failure.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type {
  EmergencyActivities,
  RunEnded,
  StartRollbackInput,
  StoppedRuns,
  StopRunsInput,
} from '#domain/ports/emergency.port.ts';
import { makeDataConverter } from '../../../activities/adapters/temporal/data-converter.ts';
import { failureOf } from '../../../activities/runtime/fail.ts';
import { emergencyReport } from '../../../workflows/emergency/emergency.messages.ts';
import { workflowBundle } from '../../../workers/runtime/bundle.ts';
import '../runs/quiet-runtime.ts';
import { realServer, timeSkippingServer, type RunServer } from '../runs/run-servers.ts';

const PATIENCE_MS = 15_000;
const LOOK_MS = 500;
const COMPLETED: RunEnded = { phase: 'completed', reason: '', isNeverStarted: false };

export interface EmergencyScript {
  /** Runs that are open, each with how many milliseconds it takes to stop. */
  readonly stopAfterMs?: Readonly<Record<string, number>>;
  readonly ways?: readonly WayBack[];
  readonly settled?: readonly ApplicationBack[];
  /** Of the second plan, after runs that stopped late. */
  readonly later?: readonly ApplicationBack[];
  /** What no run can take back, by the first plan; by the second one nothing. */
  readonly leftAtFirst?: readonly LeftBehind[];
  /** How the n-th way back of an application ends; those left out complete. */
  readonly ends?: Readonly<Record<string, readonly RunEnded[]>>;
  /** Applications of which no way back can be started. */
  readonly refused?: readonly string[];
  readonly patienceMs?: number;
  readonly giveUpAfterMs?: number;
  readonly isReal?: boolean;
  /** The environment is held in the moment in which the first of the journal is stored. */
  readonly isHeldWithJournal?: boolean;
}

export const way = (application: string, after: readonly string[] = []): WayBack => ({
  application,
  from: { release: 2, version: '1.1' },
  to: { release: 1, version: '1.0' },
  after,
  why: '',
});

export const settled = (application: string, state: ApplicationBack['state']): ApplicationBack => ({
  ...{ application, from: null, to: null, state, run: 'exe_its', startedAt: null, endedAt: null, why: 'scripted' },
});

export class EmergencyWorld {
  readonly server: RunServer;
  readonly client: Client;
  readonly journal: JournalEntry[] = [];
  /** What was done, in order: `hold`, `stop`, `plan`, `start web`, `back web`, `release`. */
  readonly story: string[] = [];
  readonly #script: EmergencyScript;
  readonly #taskQueue = `emergency-${randomUUID()}`;
  readonly #started = new Map<string, StartRollbackInput>();
  readonly #starts = new Map<string, number>();
  readonly #stored = Promise.withResolvers<undefined>();
  #plans = 0;
  #stop: () => Promise<void> = async () => undefined;

  private constructor(server: RunServer, script: EmergencyScript) {
    this.server = server;
    this.#script = script;
    const { connection, namespace } = server;
    this.client = new Client({ connection, namespace, dataConverter: makeDataConverter(), identity: 'recorder' });
  }

  static async open(script: EmergencyScript = {}): Promise<EmergencyWorld> {
    const server = await (script.isReal === true ? realServer() : timeSkippingServer());
    const world = new EmergencyWorld(server, script);
    const worker = await Worker.create({
      connection: server.nativeConnection,
      namespace: server.namespace,
      taskQueue: world.#taskQueue,
      workflowBundle: await workflowBundle(),
      activities: world.#activities(),
      dataConverter: makeDataConverter(),
      identity: 'recorder',
    });
    const running = worker.run();
    world.#stop = async () => (worker.shutdown(), running);
    return world;
  }

  start(): Promise<WorkflowHandle> {
    const id = `emg_${randomUUID().replaceAll('-', '')}`;
    const input: EmergencyInput = {
      ...{ schema: 1, id, environment: 'production', to: null, queue: this.#taskQueue },
      startedBy: { by: 'lin', via: 'cli', verified: false, reason: 'it burns' },
      patienceMs: this.#script.patienceMs ?? PATIENCE_MS,
      giveUpAfterMs: this.#script.giveUpAfterMs ?? 600_000,
    };
    return this.client.workflow.start(EMERGENCY_WORKFLOW, {
      workflowId: emergencyWorkflowId(id),
      taskQueue: this.#taskQueue,
      workflowTaskTimeout: '2s',
      args: [input],
    });
  }

  /** Lets the clock run until it is over. */
  async end(): Promise<EmergencyReport> {
    return this.result(await this.start());
  }

  result(handle: WorkflowHandle): Promise<EmergencyReport> {
    return this.server.running(async () => (await handle.result()) as EmergencyReport);
  }

  report = (handle: WorkflowHandle): Promise<EmergencyReport> => handle.query(emergencyReport);

  async close(): Promise<void> {
    await this.#stop();
    await this.server.close();
  }

  #activities(): EmergencyActivities {
    const say = (what: string): void => void this.story.push(what);
    return {
      takeHold: async () => {
        if (this.#script.isHeldWithJournal === true) await this.#stored.promise;
        say('hold');
      },
      stopRuns: async (input) => this.#stopRuns(input),
      planWaysBack: async () => {
        say('plan');
        this.#plans += 1;
        const { ways = [], settled: first = [], later = [], leftAtFirst: left = [] } = this.#script;
        return this.#plans === 1 ? { ways, settled: first, left } : { ways, settled: later, left: [] };
      },
      startRollback: async (input) => {
        say(`start ${input.application}`);
        if (this.#script.refused?.includes(input.application) === true) {
          const { application, environment, release } = input;
          throw failureOf(errorReport('RELEASE_UNKNOWN', { application, environment, wanted: String(release) }));
        }
        this.#started.set(input.run, input);
      },
      awaitRun: async ({ run }) => this.#endOf(run),
      recordEmergency: async ({ entries }) => {
        const known = new Set(this.journal.map(({ seq }) => seq));
        this.journal.push(...entries.filter(({ seq }) => !known.has(seq)));
        this.#stored.resolve(undefined);
      },
      endEmergency: async () => say('release'),
    };
  }

  #stopRuns({ untilAt }: StopRunsInput): StoppedRuns {
    const { currentAttemptScheduledTimestampMs: now, attempt: look } = Context.current().info;
    const runs = Object.entries(this.#script.stopAfterMs ?? {}).map(([run, afterMs]): StoppedRun => {
      const isOpen = now - this.#firstLookMs(now) < afterMs;
      const end = isOpen ? 'open' : 'rolled-back';
      const subject = { kind: 'application', name: run.replace('exe_', ''), version: '1.2' } as const;
      return { run, subject, release: 3, end, phase: isOpen ? 'running' : 'rolled-back', reason: '' };
    });
    const open = runs.filter(({ end }) => end === 'open').length;
    if (open > 0 && now < Date.parse(untilAt)) {
      throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: LOOK_MS });
    }
    this.story.push('stop');
    return { runs, counts: { ...NO_RUNS, 'rolled-back': runs.length - open, open } };
  }

  #firstMs: number | undefined;
  #firstLookMs = (now: number): number => (this.#firstMs ??= now);

  #endOf(run: string): RunEnded {
    const application = this.#started.get(run)?.application ?? '';
    const times = this.#starts.get(application) ?? 0;
    this.#starts.set(application, times + 1);
    const end = this.#script.ends?.[application]?.[times] ?? COMPLETED;
    this.story.push(`${end.phase === 'completed' ? 'back' : end.phase} ${application}`);
    return end;
  }
}
