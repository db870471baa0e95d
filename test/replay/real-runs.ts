// Two runs of a real fleet of 200 simulated devices, on a whole stack of their own: what the scripted scenarios cannot
// have are the batches, counters and pauses of real devices.
import type { Client } from '@temporalio/client';
import { CrashWorld, VERSIONS } from '../support/crash/world.ts';
import { STANDARD_TRIAL, type TrialOptions } from '../support/crash/trial-options.ts';
import { Trial } from '../support/crash/trial.ts';

const DEVICES = 200;
const DEADLINE_MS = 300_000;

interface RealRun {
  readonly name: string;
  readonly options: TrialOptions;
}

const fleet = { ...STANDARD_TRIAL, devices: DEVICES, needsApproval: true, maximumPerMinute: null, bake: '1s' } as const;

export const REAL_RUNS: readonly RealRun[] = [
  { name: 'fleet-of-200-completed', options: { ...fleet, name: 'good', version: VERSIONS.good } },
  { name: 'fleet-of-200-rolled-back', options: { ...fleet, name: 'bad', version: VERSIONS.bad } },
];

/** Plays these runs to their end, one after another, and hands each to `keep`. */
export async function playRealRuns(
  wanted: readonly RealRun[],
  keep: (name: string, run: { client: Client; workflowId: string; phase: string }) => Promise<void>,
): Promise<void> {
  if (wanted.length === 0) return;
  const world = await CrashWorld.open();
  try {
    for (const { name, options } of wanted) {
      const trial = await Trial.open(world, options);
      try {
        await trial.execute();
        await trial.untilPhase('awaiting-approval', DEADLINE_MS);
        await trial.approve();
        const { phase } = await trial.untilClosed(DEADLINE_MS);
        await keep(name, { client: await world.deps.temporal(), workflowId: trial.started.workflowId, phase });
      } finally {
        await trial.close();
      }
    }
  } finally {
    await world.close();
  }
}
