// Rollbacks of whole environments.
import type { WorkflowHandle } from '@temporalio/client';
import { settled, way, type EmergencyScript, type EmergencyWorld } from '../support/emergency/emergency-world.ts';
import { eventually } from '../support/eventually.ts';

export interface EmergencyScenario {
  readonly name: string;
  readonly script: EmergencyScript;
  readonly drive?: (world: EmergencyWorld, handle: WorkflowHandle) => Promise<void>;
}

const CHAIN = [way('web'), way('api', ['web']), way('mail')];
const FAILED = { phase: 'rolled-back', reason: 'not ready', isNeverStarted: false } as const;
const LOST = { phase: 'failed', reason: '', isNeverStarted: true } as const;

export const EMERGENCY_SCENARIOS: readonly EmergencyScenario[] = [
  { name: 'environment-goes-back-in-order', script: { stopAfterMs: { exe_shop: 500 }, ways: CHAIN } },
  {
    name: 'recorded-while-a-batch-is-stored',
    script: { isHeldWithJournal: true, stopAfterMs: { exe_shop: 500 }, ways: [way('web')] },
  },
  { name: 'nothing-to-take-back', script: { settled: [settled('shop', 'unchanged')] } },
  { name: 'some-do-not-come-back', script: { ways: CHAIN, ends: { web: [FAILED] }, refused: ['mail'] } },
  { name: 'way-back-started-anew', script: { ways: [way('web')], ends: { web: [LOST] } } },
  {
    name: 'run-stops-late',
    script: {
      ways: [way('web')],
      settled: [settled('shop', 'waiting')],
      stopAfterMs: { exe_shop: 2_000 },
      patienceMs: 500,
      later: [settled('shop', 'back')],
    },
  },
  {
    name: 'not-cancelled-from-temporal',
    script: { stopAfterMs: { exe_shop: 2_000 }, ways: [way('web')] },
    drive: async (world, handle) => {
      await eventually(async () => {
        if ((await world.report(handle)).stage !== 'stopping-runs') throw new Error('not yet');
      });
      await handle.cancel();
    },
  },
];
