import type { RunTarget } from '../deploy/run-context.ts';
import type { Undone } from '../deploy/run-target.ts';
import type { CompensationStack } from '../runtime/compensation.ts';
import type { RunRecord } from '../runtime/run-record.ts';
import { leaveFleet, leftBehind, withdrawOffers } from './last-effects.ts';
import { pauseEffects } from './pause-effects.ts';
import { runOffer } from './steps/offer.step.ts';

/** A fleet of devices. */
export function fleetTarget(record: RunRecord, compensations: CompensationStack<Undone>): RunTarget {
  return {
    noun: 'device',
    pauseEffects: pauseEffects(record, compensations),
    isEffect: (step) => step.kind === 'offer',
    carriesJournal: () => false,
    async runStep(step, run) {
      if (step.kind === 'offer') return runOffer(step, run);
      return { kind: 'failed', summary: `a fleet has no step ${step.kind}` };
    },
    promote: null,
    cancel: withdrawOffers,
    leaveBehind: (run, entry, problem) => leftBehind(run, entry.id, problem),
    leave: leaveFleet,
  };
}
