// Engines and router in memory, one for each plan: the fakes that pass the suite of the real ones.
import { activityInfo } from '@temporalio/activity';
import type { PlanId } from '#domain/ids.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleaseActivities } from '#domain/ports/release.port.ts';
import type { WatchActivities, WatchInput } from '#domain/ports/watch.port.ts';
import { errorReport } from '#domain/errors/failure.ts';
import { findPlan } from '../../../activities/adapters/postgres/plans.ts';
import { appendJournal, type JournalDeps } from '../../../activities/runtime/append-journal.ts';
import { failureOf } from '../../../activities/runtime/fail.ts';
import { FakeRelease } from '../../support/fakes/fake-release.ts';

/** What the docker queue does in the bench: releases always go well, the watch finds nothing and looks again, the journal is the real one. */
export function scriptedReleases(deps: JournalDeps): ReleaseActivities & WatchActivities {
  const places = new Map<string, Promise<FakeRelease>>();
  const placeOf = async ({ planId }: RunRef): Promise<FakeRelease> => {
    const known = places.get(planId) ?? open(deps, planId);
    places.set(planId, known);
    return known;
  };
  return { ...WATCH, ...routed(placeOf) };
}

async function open(deps: JournalDeps, planId: string): Promise<FakeRelease> {
  const stored = await findPlan(deps.pool, planId as PlanId);
  if (stored?.plan.kind !== 'container-release') throw new Error(`${planId} releases no application`);
  return new FakeRelease(stored.plan, {}, { appendJournal: (batch) => appendJournal(deps, batch) });
}

const WATCH: WatchActivities = {
  lookOnce: async () => ({ kind: 'healthy' }),
  watchCriteria: async ({ watch: { everyMs } }: WatchInput) => {
    const { attempt: look } = activityInfo();
    throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: everyMs });
  },
};

function routed(placeOf: (ref: RunRef) => Promise<FakeRelease>): ReleaseActivities {
  return {
    prepareRelease: async (input) => (await placeOf(input)).activities.prepareRelease(input),
    pullImage: async (input) => (await placeOf(input)).activities.pullImage(input),
    stageInstances: async (input) => (await placeOf(input)).activities.stageInstances(input),
    verifyInstances: async (input) => (await placeOf(input)).activities.verifyInstances(input),
    shiftTraffic: async (input) => (await placeOf(input)).activities.shiftTraffic(input),
    retireInstances: async (input) => (await placeOf(input)).activities.retireInstances(input),
    holdRequests: async (input) => (await placeOf(input)).activities.holdRequests(input),
    releaseRequests: async (input) => (await placeOf(input)).activities.releaseRequests(input),
    runHook: async (input) => (await placeOf(input)).activities.runHook(input),
    promoteRelease: async (input) => (await placeOf(input)).activities.promoteRelease(input),
    returnTraffic: async (input) => (await placeOf(input)).activities.returnTraffic(input),
    removeInstances: async (input) => (await placeOf(input)).activities.removeInstances(input),
  };
}
