import type { Breach } from '#domain/fleet/accept-breach.ts';
import { runRef, type RunContext, type RunTarget } from '../deploy/run-context.ts';
import type { Left } from '../deploy/run-target.ts';
import { noteProblem, takeAllBack } from '../deploy/take-back.ts';
import { lookWithEffect } from './look-with-effect.ts';
import { undoActivities } from './release-activities.ts';
import { runReleaseStep } from './steps/release-step.ts';
import { countsInstances } from './way-back.ts';

const NOTHING = { hold: async (): Promise<void> => undefined, release: async (): Promise<void> => undefined };

/** An application behind a router. */
export function releaseTarget(): RunTarget {
  return {
    noun: 'container',
    // What serves goes on serving: a pause only keeps the next step from beginning.
    pauseEffects: NOTHING,
    // They look themselves before they begin: one way to the worker for both.
    isEffect: () => false,
    carriesJournal: ({ kind }) => kind !== 'gate' && kind !== 'approve' && kind !== 'bake',
    runStep: runReleaseStep,
    promote,
    cancel,
    leaveBehind,
    leave,
  };
}

async function promote(run: RunContext): Promise<Breach | null> {
  const activities = undoActivities(run, 'record the release as stable');
  const promoted = await lookWithEffect(run, (look) =>
    run.record.journal.carriedBy((carried) => activities.promoteRelease({ ...runRef(run), look, ...carried })),
  );
  return promoted.kind === 'breach' ? promoted.breach : null;
}

/** An application that two versions share is nobody's wish: a cancel goes back to the stable one. */
async function cancel(run: RunContext, reason: string): Promise<string | null> {
  const { left, problems } = await takeAllBack(run, `cancelled: ${reason}`);
  if (left === 0) return null;
  return [`${left} could not be taken back`, ...problems].join('; ');
}

async function leaveBehind(run: RunContext, { id }: { readonly id: string }, problem: string): Promise<Left> {
  noteProblem(run, id, problem);
  if (!countsInstances(id)) return { left: 1, problem };
  const { started } = run.record.traffic?.instances ?? { started: 0 };
  return { left: Math.max(1, started), problem: `${problem}; sluice env observe shows what runs` };
}

/** Two versions go on serving as they do; nobody wanted either of them gone. */
async function leave(run: RunContext): Promise<Left> {
  const { instances, weightBasisPoints } = run.record.traffic ?? { instances: { started: 0 }, weightBasisPoints: 0 };
  const share = `the new version keeps ${weightBasisPoints / 100} % of the traffic`;
  run.record.journal.record('rollback-ended', `nothing taken back, ${share}`, { left: instances.started });
  return { left: instances.started, problem: share };
}
