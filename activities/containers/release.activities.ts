import type { EffectRef, ReleaseActivities } from '#domain/ports/release.port.ts';
import { appendJournal } from '../runtime/append-journal.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import { containerActivity } from './container-activity.ts';
import type { ContainerDeps, ContainerWork } from './deps.ts';
import { holdRequests, releaseRequests } from './hold-requests.ts';
import { prepareRelease } from './prepare-release.ts';
import { promoteRelease } from './promote-release.ts';
import { pullImage } from './pull-image.ts';
import { removeInstances } from './remove-instances.ts';
import { retireInstances } from './retire-instances.ts';
import { returnTraffic } from './return-traffic.ts';
import { runHookAction } from './run-hook.ts';
import { shiftTraffic } from './shift-traffic.ts';
import { stageInstances } from './stage-instances.ts';
import { verifyInstances } from './verify-instances.ts';

/** What a release does to engines and router. Every activity may be repeated at any moment: it looks before it acts. */
export function createReleaseActivities(deps: ContainerDeps): ReleaseActivities {
  const beating = containerActivity(deps);
  const effect = <Input extends EffectRef, Output>(work: (tools: ContainerWork, input: Input) => Promise<Output>) =>
    beating(async (tools: ContainerWork, input: Input) => {
      const { journal } = input;
      if (journal) {
        await ridingOut(tools, () => appendJournal(tools, journal));
        await tools.reached?.('journal-stored');
      }
      return work(tools, input);
    });
  return {
    prepareRelease: effect(prepareRelease),
    pullImage: effect(pullImage),
    stageInstances: effect(stageInstances),
    verifyInstances: effect(verifyInstances),
    shiftTraffic: effect(shiftTraffic),
    retireInstances: effect(retireInstances),
    holdRequests: effect(holdRequests),
    releaseRequests: effect(releaseRequests),
    promoteRelease: effect(promoteRelease),
    returnTraffic: beating(returnTraffic),
    removeInstances: beating(removeInstances),
    runHook: effect(runHookAction),
  };
}
