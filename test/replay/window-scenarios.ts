// Runs that wait for a window or for their time; time is real while they are recorded, so what opens does so in a moment.
import { runSignals } from '../../workflows/runtime/run.messages.ts';
import { aPlan, bake, offer } from '../support/runs/plan-builder.ts';
import type { RunWorld } from '../support/runs/run-world.ts';
import { NEVER, nightly } from '../support/windows/coming-windows.ts';
import type { Scenario } from './scenarios.ts';

const SOON_MS = 2_000;
const BAKE_MS = 300;
const watch = { ...aPlan().watch, everyMs: 50 };
const plan = { steps: [offer(1), bake(1, BAKE_MS), offer(2)], watch };
const input = { windows: [NEVER] };
const isParked = (run: RunWorld): Promise<void> => run.journaled('window-closed');

export const WINDOW_SCENARIOS: readonly Scenario[] = [
  {
    name: 'parked-until-the-window-opens',
    get options() {
      return { plan, input: { windows: [nightly(SOON_MS, 60)] } };
    },
  },
  {
    name: 'parked-then-started-now',
    options: { plan, input },
    drive: async (run) => {
      await isParked(run);
      await run.command('startRunNow');
    },
  },
  {
    name: 'paused-while-parked-then-started-by-signal',
    options: { plan, input },
    drive: async (run) => {
      await isParked(run);
      await run.command('pauseRun');
      await run.command('resumeRun');
      const bot = { by: 'bot', via: 'http', verified: false, reason: 'r', roles: ['admin'] } as const;
      await run.handle.signal(runSignals.startRunNow, { ...bot, commandId: 's-1' });
    },
  },
  {
    name: 'rolled-back-while-parked',
    options: { plan, input },
    drive: async (run) => {
      await isParked(run);
      await run.command('rollBackRun');
    },
  },
  {
    name: 'scheduled-time-over-then-resumed',
    get options() {
      const [startAt, endsAt] = [SOON_MS, SOON_MS + BAKE_MS].map((ms) => new Date(Date.now() + ms).toISOString());
      const steps = [offer(1), bake(1, 2 * BAKE_MS), offer(2)];
      return { plan: { steps, watch }, input: { schedule: { startAt: startAt ?? '', endsAt: endsAt ?? '' } } };
    },
    drive: async (run) => {
      await run.journaled('step-ended', /its scheduled time ended/);
      await run.command('resumeRun');
    },
  },
];
