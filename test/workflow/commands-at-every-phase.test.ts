// Every command at every phase, against a real Temporal server and through the product's own way of sending: taken, or
// refused with this reason. Never ignored.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRow } from '../../activities/adapters/postgres/runs.ts';
import type { EngineDeps } from '../../client/engine/engine.ts';
import { sendCommand, type Command } from '../../client/engine/runs/send-command.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { CommandEnvelope, CommandName } from '#domain/run/commands.ts';
import type { Phase } from '#domain/run/run-state.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { eventually } from '../support/eventually.ts';
import { openTestEngine, type TestEngine } from '../support/registry/test-engine.ts';
import { realServer, type RunServer } from '../support/runs/run-servers.ts';
import { startRunOn, type RunWorld, type WorldOptions } from '../support/runs/run-world.ts';
import { approve, aPlan, bake, gate, HOUR_MS, offer } from '../support/runs/plan-builder.ts';
import { NEVER } from '../support/windows/coming-windows.ts';

let server: RunServer;
let engine: TestEngine;
beforeAll(async () => {
  [server, engine] = await Promise.all([realServer(), openTestEngine()]);
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

const later = gate({ gate: 'performance_test' });
const steps = [offer(1), bake(1, HOUR_MS), later];
const asking = [approve(), ...steps];
const stuck = new Error('the fleet does not answer');
const environment = { ...aPlan().environment, autoRollback: false };

interface Situation {
  readonly phase: Phase;
  readonly options: WorldOptions;
  readonly drive: (run: RunWorld) => Promise<unknown>;
  /** True when the run is where the situation wants it. */
  readonly holds?: (view: RunView) => boolean;
}

const nothing = async (): Promise<void> => undefined;
const ended = (run: RunWorld): Promise<unknown> => run.result();

/**
 * How a run gets there. `queued` comes with the coordinator: until then a run has begun when it can first be reached.
 */
const SITUATIONS = {
  'waiting-for-window': {
    phase: 'waiting-for-window',
    options: { plan: { steps }, input: { windows: [NEVER] } },
    drive: nothing,
  },
  'paused while it waits for its window': {
    phase: 'paused',
    options: { plan: { steps }, input: { windows: [NEVER] } },
    drive: async (run) => {
      await run.journaled('window-closed');
      await run.command('pauseRun');
    },
  },
  'awaiting-approval': { phase: 'awaiting-approval', options: { plan: { steps: asking } }, drive: nothing },
  running: { phase: 'running', options: { plan: { steps } }, drive: (run) => run.journaled('step-started', /bake/) },
  pausing: {
    phase: 'running',
    options: { plan: { steps: [gate(), ...steps] }, script: { gates: { firmware_validation: 'held' } } },
    drive: async (run) => {
      await run.fleet.called('evaluateGate');
      await run.command('pauseRun');
    },
    holds: (view) => view.pausing,
  },
  paused: {
    phase: 'paused',
    options: { plan: { steps } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      await run.command('pauseRun');
    },
  },
  'paused in an approval': {
    phase: 'paused',
    options: { plan: { steps: asking } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.command('pauseRun');
    },
  },
  'asked about a breach': {
    phase: 'paused',
    options: { plan: { steps, environment }, script: { offers: { 1: 'breach' } } },
    drive: (run) => run.journaled('phase-changed', /resume, roll back or cancel/),
  },
  'rolling-back': {
    phase: 'rolling-back',
    options: { plan: { steps }, script: { offers: { 1: 'breach' }, rollback: stuck } },
    drive: nothing,
  },
  'being cancelled': {
    phase: 'running',
    options: { plan: { steps }, script: { withdraw: stuck } },
    drive: async (run) => {
      await run.journaled('step-started', /bake/);
      await run.command('cancelRun');
    },
    holds: (view) => view.interrupt !== null,
  },
  completed: { phase: 'completed', options: { plan: { steps: [offer(1)] } }, drive: ended },
  'rolled-back': { phase: 'rolled-back', options: { script: { offers: { 1: 'breach' } } }, drive: ended },
  cancelled: {
    phase: 'cancelled',
    options: { plan: { steps: asking } },
    drive: async (run) => {
      await run.command('cancelRun');
      await run.result();
    },
  },
  failed: {
    phase: 'failed',
    options: { plan: { steps: [gate(), ...steps] }, script: { gates: { firmware_validation: 'failed' } } },
    drive: ended,
  },
  'rollback-incomplete': {
    phase: 'rollback-incomplete',
    options: { script: { offers: { 1: 'breach' }, rollback: { left: 1 } } },
    drive: ended,
  },
} satisfies Record<string, Situation>;

const TAKEN = 'taken';
const COLUMNS = ['pause', 'resume', 'cancel', 'roll back', 'approve', 'reject', 'override', 'start now'] as const;
type Column = (typeof COLUMNS)[number];
type Answers = readonly [string, string, string, string, string, string, string, string];

const NO_PAUSE = 'RUN_NOT_PAUSED';
const PAUSED = 'RUN_ALREADY_PAUSED';
const NO_GATE = 'GATE_NOT_WAITING';
const STOPPING = 'RUN_STOPPING';
const NO_WAIT = 'RUN_NOT_WAITING';
const CLOSED = 'RUN_ALREADY_CLOSED';
const ALL_CLOSED: Answers = [CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED, CLOSED];
const ALL_STOPPING: Answers = [STOPPING, STOPPING, STOPPING, STOPPING, NO_GATE, NO_GATE, STOPPING, STOPPING];

/** What each command is answered, in the order of the columns. */
const ANSWERS: Readonly<Record<keyof typeof SITUATIONS, Answers>> = {
  'waiting-for-window': [TAKEN, NO_PAUSE, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, TAKEN],
  'paused while it waits for its window': [PAUSED, TAKEN, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, TAKEN],
  'awaiting-approval': [TAKEN, NO_PAUSE, TAKEN, TAKEN, TAKEN, TAKEN, TAKEN, NO_WAIT],
  running: [TAKEN, NO_PAUSE, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, NO_WAIT],
  pausing: [PAUSED, TAKEN, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, NO_WAIT],
  paused: [PAUSED, TAKEN, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, NO_WAIT],
  'paused in an approval': [PAUSED, TAKEN, TAKEN, TAKEN, TAKEN, TAKEN, TAKEN, NO_WAIT],
  'asked about a breach': [PAUSED, TAKEN, TAKEN, TAKEN, NO_GATE, NO_GATE, TAKEN, NO_WAIT],
  'rolling-back': ALL_STOPPING,
  'being cancelled': ALL_STOPPING,
  completed: ALL_CLOSED,
  'rolled-back': ALL_CLOSED,
  cancelled: ALL_CLOSED,
  failed: ALL_CLOSED,
  'rollback-incomplete': ALL_CLOSED,
};

const envelope = (): CommandEnvelope => ({
  commandId: crypto.randomUUID(),
  ...({ by: 'ada', via: 'cli', verified: false, reason: 'because' } as const),
});
const PLAIN: Readonly<Partial<Record<Column, CommandName>>> = {
  pause: 'pauseRun',
  resume: 'resumeRun',
  cancel: 'cancelRun',
  'roll back': 'rollBackRun',
};

function commandOf(column: Column): Command {
  const name = PLAIN[column];
  if (name) return { name, args: envelope() };
  const roles = ['approver'];
  if (column === 'start now') return { name: 'startRunNow', args: { ...envelope(), roles } };
  if (column === 'override') return { name: 'overrideGate', args: { ...envelope(), roles, gate: later.id } };
  const decision = column === 'approve' ? 'approve' : 'reject';
  return { name: 'decideGate', args: { ...envelope(), roles, gate: null, decision, digest: null } };
}

/** The run's row as far as a command needs it; its closed ones are told apart by the server. */
const rowOf = (run: RunWorld): RunRow => ({ run: run.runId, workflowId: run.handle.workflowId }) as RunRow;

/** The product's own, with the client of the server that the run is on. */
const depsOf = ({ client }: RunWorld): EngineDeps => ({
  settings: engine.deps.settings,
  database: () => engine.deps.database(),
  dataDirectory: () => engine.deps.dataDirectory(),
  temporal: async () => client,
  containers: engine.deps.containers,
  close: async () => undefined,
});

async function answer(run: RunWorld, command: Command): Promise<string> {
  return sendCommand(depsOf(run), rowOf(run), command).then(
    () => TAKEN,
    (error: unknown) => (error instanceof SluiceError ? error.code : String(error)),
  );
}

describe.each(Object.keys(SITUATIONS) as (keyof typeof SITUATIONS)[])('a run that is %s', (name) => {
  it.each(COLUMNS)('answers: %s', async (column) => {
    const { phase, options, drive, holds }: Situation = SITUATIONS[name];
    const run = await startRunOn(server, options);
    try {
      await drive(run);
      await eventually(async () => {
        const view = await run.view();
        expect([view.state.phase, holds?.(view) ?? true]).toEqual([phase, true]);
      });
      expect(await answer(run, commandOf(column))).toBe(ANSWERS[name][COLUMNS.indexOf(column)]);
    } finally {
      await run.handle.terminate().catch(() => undefined);
      await run.close();
    }
  });
});

it('a run that never was is not one that is over', async () => {
  const run = await startRunOn(server, { plan: { steps: [bake(1, HOUR_MS)] } });
  try {
    const row = { run: 'exe_none', workflowId: 'fleet-rollout/exe_none' } as RunRow;
    await expect(sendCommand(depsOf(run), row, commandOf('pause'))).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
  } finally {
    await run.handle.terminate();
    await run.close();
  }
});
