import type { FleetActivities, RunRef } from '#domain/ports/fleet.port.ts';
import { decideOffers } from '../adapters/postgres/offers.ts';
import { countInstalls, switchesVersion, totalOf } from '../adapters/postgres/rollout-counts.ts';
import { countSkipped } from '../adapters/postgres/rollouts.ts';
import { guarded } from '../runtime/guard.ts';
import { withHeartbeat } from '../runtime/heartbeat.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { thisAttempt } from './decider.ts';
import type { FleetDeps, FleetWork } from './deps.ts';
import { leaveFleet } from './leave-fleet.ts';
import { offerWave } from './offer-wave.ts';
import { prepareRollout } from './prepare-rollout.ts';
import { rollBackFleet } from './roll-back-fleet.ts';
import { withdrawOffers } from './withdraw-offers.ts';

/** What a rollout does to a fleet. Every activity may be repeated at any moment: the database knows what was done. */
export function createFleetActivities(deps: FleetDeps): FleetActivities {
  const beating = <Input, Output>(work: (fleet: FleetWork, input: Input) => Promise<Output>) =>
    guarded((input: Input) => withHeartbeat((pulse) => work({ ...deps, pulse }, input)));
  return {
    prepareRollout: beating(prepareRollout),
    offerWave: beating(offerWave),
    countRun: beating((work, { run }) => ridingOut(work, () => countRun(work, run))),
    holdOffers: beating((work, { run }) => ridingOut(work, () => decideOffers(work.pool, run, 'held', thisAttempt()))),
    reopenOffers: beating((work, { run }) =>
      ridingOut(work, () => decideOffers(work.pool, run, 'open', thisAttempt())),
    ),
    withdrawOffers: beating(withdrawOffers),
    rollBackFleet: beating(rollBackFleet),
    leaveFleet: beating(leaveFleet),
  };
}

async function countRun({ pool }: FleetDeps, run: RunRef['run']) {
  const skipped = [...(await countSkipped(pool, run)).values()].reduce((sum, one) => sum + one, 0);
  return { ...totalOf(await countInstalls(pool, run), switchesVersion), skipped };
}
