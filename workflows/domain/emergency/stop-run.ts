import type { Books, PlaceWish } from '../coordination/place.ts';
import { isClosed, type Phase } from '../run/run-state.ts';
import { isTurningBack, type RunSubject, type RunView } from '../run/run-view.ts';
import type { RunEnd, StoppedRun } from './emergency.ts';

/** An open run as the database knows it. */
export interface OpenRun {
  readonly run: string;
  readonly subject: RunSubject;
  readonly phase: Phase;
  readonly place: PlaceWish | null;
  /** It takes a completed release of several applications back. */
  readonly leadsBack?: boolean;
  /** Null until its first journal entry arrived. */
  readonly view: RunView | null;
}

/** The releases of runs of applications that have one: from then on they may have changed something. */
export type ReleasesOfRuns = ReadonlyMap<string, number>;

export type StopCommand = 'cancelRun' | 'rollBackRun' | 'resumeRun';

/**
 * What an open run has to be told, or null when it only has to be waited for. `books` are those of the environment's
 * coordinator after it lets nobody begin any more; null when they could not be read: then any run may have begun, and to
 * roll back is right for all of them.
 */
export function stopCommand(run: OpenRun, books: Books | null): StopCommand | null {
  const { view } = run;
  // It leads where the environment shall go; told to roll back it would lead away from there.
  if (isWayBack(run)) return view?.state.phase === 'paused' ? 'resumeRun' : null;
  if (isTurningBack(view)) return null;
  return mayHaveBegun(run, books) ? 'rollBackRun' : 'cancelRun';
}

export const isWayBack = ({ place, leadsBack }: Pick<OpenRun, 'place' | 'leadsBack'>): boolean =>
  place?.priority === 'rollback' || leadsBack === true;

function mayHaveBegun({ run, place }: OpenRun, books: Books | null): boolean {
  if (place === null || books === null) return true;
  const isThis = (one: { readonly run: string }): boolean => one.run === run;
  return books.holders.some(isThis) || books.resting.some(isThis);
}

/** What became of a run, as far as it is known. */
export function stoppedRun(run: OpenRun, releases: ReleasesOfRuns): StoppedRun {
  const { view, subject, phase } = run;
  const release = releases.get(run.run) ?? null;
  const reason = view !== null && 'reason' in view.state ? view.state.reason : '';
  const hasChanged = release !== null || view?.waves.some(({ state }) => state !== 'waiting') === true;
  return { run: run.run, subject, release, end: endOf(run, hasChanged), phase, reason };
}

function endOf(run: OpenRun, hasChanged: boolean): RunEnd {
  const { phase } = run;
  if (!isClosed(phase)) return 'open';
  if (phase === 'completed') return isWayBack(run) ? 'came-back' : 'completed';
  if (!hasChanged) return 'cancelled';
  return phase === 'rolled-back' || (phase === 'cancelled' && run.subject.kind === 'application')
    ? 'rolled-back'
    : 'incomplete';
}
