import type { ReleaseUndone } from '#domain/ports/release.port.ts';
import { runRef, type RunContext } from '../deploy/run-context.ts';
import { addMs } from '#domain/time.ts';
import { now } from '../runtime/clock.ts';
import { containerPlan, undoActivities, undoInput } from './release-activities.ts';

const TRAFFIC = 'traffic';
const INSTANCES = 'instances';
/** Where both versions must not run at the same time. */
const TURNS = 'instances and traffic';

/** True for what is counted in containers: a hook is not. */
export const countsInstances = (id: string): boolean => id === TRAFFIC || id === INSTANCES || id === TURNS;

/**
 * Registers, before the first effect, how the version before serves again and how what the run made disappears; in that
 * order, so that traffic never waits for the clearing up. Versions that must not run at the same time take turns behind
 * a hold instead.
 */
export function registerWayBack(run: RunContext): void {
  const { compensations } = run;
  if (containerPlan(run).strategy.kind === 'recreate') {
    compensations.register({ id: TURNS, undo: (reason) => takeTurnsBack(run, reason) });
    return;
  }
  let isTrafficBack = false;
  // Instances that traffic could not be taken from are the last that serve.
  compensations.register({
    id: INSTANCES,
    undo: (reason) => (isTrafficBack ? removeInstances(run, reason) : keepInstances()),
  });
  compensations.register({
    id: TRAFFIC,
    async undo(reason) {
      const undone = await returnTraffic(run, reason);
      isTrafficBack = true;
      return undone;
    },
  });
}

/** They were counted with the traffic that could not be returned. */
const keepInstances = async (): Promise<ReleaseUndone> => ({
  left: 0,
  summary: 'the new instances stay: traffic could not be taken from them',
  facts: {},
});

async function returnTraffic(run: RunContext, reason: string): Promise<ReleaseUndone> {
  const undone = await undoActivities(run, 'traffic back to the version before').returnTraffic(undoInput(run, reason));
  const { record } = run;
  const before = record.traffic?.before ?? null;
  const had = containerPlan(run).present?.replicas ?? 0;
  // What was retired was started again.
  const serves = before && { ...before, instances: Math.max(before.instances, had) - undone.left };
  record.noteTraffic({ before: serves, weightBasisPoints: 0, isHolding: false });
  return undone;
}

async function removeInstances(run: RunContext, reason: string): Promise<ReleaseUndone> {
  const undone = await undoActivities(run, 'remove the new instances').removeInstances(undoInput(run, reason));
  const { traffic } = run.record;
  if (traffic) run.record.noteTraffic({ instances: { ...traffic.instances, started: undone.left, ready: 0 } });
  return undone;
}

/** Requests wait meanwhile, as they did on the way forward. A run that has no release has moved nothing yet. */
async function takeTurnsBack(run: RunContext, reason: string): Promise<ReleaseUndone> {
  const hasRelease = run.record.traffic?.release !== null;
  if (hasRelease) await holdAgain(run);
  const removed = await removeInstances(run, reason);
  const returned = await returnTraffic(run, reason);
  if (hasRelease) await undoActivities(run, 'let the waiting requests go').releaseRequests(runRef(run));
  return {
    left: removed.left + returned.left,
    summary: `${removed.summary}; ${returned.summary}`,
    facts: { removed: removed.facts, returned: returned.facts },
  };
}

async function holdAgain(run: RunContext): Promise<void> {
  const { steps } = containerPlan(run);
  const hold = steps.find((step) => step.kind === 'hold');
  const until = addMs(now(), hold?.maximumMs ?? 0);
  await undoActivities(run, 'let requests wait').holdRequests({ ...runRef(run), until });
  run.record.noteTraffic({ isHolding: true });
}
