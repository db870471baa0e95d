// Every command at every phase, against a real Temporal server: taken, or refused with this reason. Never ignored.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMAND_NAMES, type CommandName } from '#domain/run/commands.ts';
import { PHASES, type Phase } from '#domain/run/run-state.ts';
import { eventually } from '../support/eventually.ts';
import { realServer, type RunServer } from '../support/runs/run-servers.ts';
import { startRunOn, type RunWorld, type WorldOptions } from '../support/runs/run-world.ts';
import { approve, bake, gate, HOUR_MS, offer } from '../support/runs/plan-builder.ts';

let server: RunServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

const later = gate({ gate: 'performance_test' });
const steps = [offer(1), bake(1, HOUR_MS), later];
const asking = [approve(), ...steps];
const stuck = new Error('the fleet does not answer');

/** How a run gets into a phase. The two missing ones come with the coordinator: a run exists only once it was admitted. */
const INTO: Readonly<Partial<Record<Phase, { options: WorldOptions; drive: (run: RunWorld) => Promise<unknown> }>>> = {
  'awaiting-approval': { options: { plan: { steps: asking } }, drive: async () => undefined },
  running: { options: { plan: { steps } }, drive: (run) => run.journaled('step-started', /bake/) },
  paused: {
    options: { plan: { steps: asking } },
    drive: async (run) => {
      await run.journaled('phase-changed', /waits/);
      await run.command('pauseRun');
    },
  },
  'rolling-back': {
    options: { plan: { steps }, script: { offers: { 1: 'breach' }, rollback: stuck } },
    drive: async () => undefined,
  },
  completed: { options: { plan: { steps: [offer(1)] } }, drive: (run) => run.result() },
  'rolled-back': { options: { script: { offers: { 1: 'breach' } } }, drive: (run) => run.result() },
  cancelled: { options: { plan: { steps: asking } }, drive: (run) => run.command('cancelRun') },
  failed: {
    options: { plan: { steps: [gate(), ...steps] }, script: { gates: { firmware_validation: 'failed' } } },
    drive: (run) => run.result(),
  },
  'rollback-incomplete': {
    options: { script: { offers: { 1: 'breach' }, rollback: { left: 1 } } },
    drive: (run) => run.result(),
  },
};

const CLOSED = 'RUN_ALREADY_CLOSED';
const ALWAYS_CLOSED = Object.fromEntries(COMMAND_NAMES.map((name) => [name, CLOSED])) as Record<CommandName, string>;
const TAKEN = 'taken';

/** What each command is answered. */
const ANSWERS: Readonly<Record<string, Readonly<Record<CommandName, string>>>> = {
  'awaiting-approval': {
    pauseRun: TAKEN,
    resumeRun: 'RUN_NOT_PAUSED',
    cancelRun: TAKEN,
    rollBackRun: TAKEN,
    decideGate: TAKEN,
    overrideGate: TAKEN,
  },
  running: {
    pauseRun: TAKEN,
    resumeRun: 'RUN_NOT_PAUSED',
    cancelRun: TAKEN,
    rollBackRun: TAKEN,
    decideGate: 'GATE_NOT_WAITING',
    overrideGate: TAKEN,
  },
  paused: {
    pauseRun: 'RUN_ALREADY_PAUSED',
    resumeRun: TAKEN,
    cancelRun: TAKEN,
    rollBackRun: TAKEN,
    decideGate: TAKEN,
    overrideGate: TAKEN,
  },
  'rolling-back': {
    pauseRun: 'RUN_STOPPING',
    resumeRun: 'RUN_STOPPING',
    cancelRun: 'RUN_STOPPING',
    rollBackRun: 'RUN_STOPPING',
    decideGate: 'GATE_NOT_WAITING',
    overrideGate: 'RUN_STOPPING',
  },
  completed: ALWAYS_CLOSED,
  'rolled-back': ALWAYS_CLOSED,
  cancelled: ALWAYS_CLOSED,
  failed: ALWAYS_CLOSED,
  'rollback-incomplete': ALWAYS_CLOSED,
};

describe.each(PHASES.filter((phase) => INTO[phase]))('a run that is %s', (phase) => {
  it.each(COMMAND_NAMES)('answers %s', async (command) => {
    const into = INTO[phase];
    if (!into) throw new Error(`no way into ${phase}`);
    const run = await startRunOn(server, into.options);
    try {
      await into.drive(run);
      await eventually(async () => expect((await run.view()).state.phase).toBe(phase));
      const over =
        command === 'decideGate'
          ? { gate: null, decision: 'approve' as const, digest: null, roles: ['approver'] }
          : { gate: later.id };
      const answer = await run.command(command, over).then(() => TAKEN, codeOf);
      expect(answer).toBe(ANSWERS[phase]?.[command]);
    } finally {
      await run.handle.terminate().catch(() => undefined);
      await run.close();
    }
  });
});

/** The catalogue's code of a refused update; a run that closed answers only that it completed. */
function codeOf(error: unknown): string {
  const cause = (error as { cause?: { type?: string } }).cause;
  if (cause?.type) return cause.type;
  return /already completed|aborted by closing workflow/.test(String(error)) ? CLOSED : String(error);
}
