import { runRef } from '../deploy/run-context.ts';
import type { Undone } from '../deploy/run-target.ts';
import type { CompensationStack } from '../runtime/compensation.ts';
import type { PauseEffects } from '../runtime/controls.ts';
import type { RunRecord } from '../runtime/run-record.ts';
import { fleetActivities } from './fleet-activities.ts';

/** While a run is paused no device begins what was offered before, in whichever wave; those in progress finish. */
export function pauseEffects(record: RunRecord, compensations: CompensationStack<Undone>): PauseEffects {
  return {
    async hold() {
      if (!compensations.isEmpty)
        await fleetActivities({ record }, 'hold what is queued').holdOffers(runRef({ record }));
    },
    async release() {
      if (compensations.isEmpty) return;
      await fleetActivities({ record }, 'hand out again what was held').reopenOffers(runRef({ record }));
    },
  };
}
