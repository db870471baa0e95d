// What scripted engines and a scripted router do, call by call; the words tests use for it.
import type { ReleaseActivities, ReleaseOutcome, ReleaseUndone } from '#domain/ports/release.port.ts';

export type ReleaseCallName = keyof ReleaseActivities;

/**
 * What one call does. `held` heartbeats until it is cancelled or `releaseHeld` is called; it stops the clock meanwhile.
 * `undone` with something left is said by the activities of the way back.
 */
export type ReleaseWord = 'done' | 'unhealthy' | 'held' | Error | { readonly left: number };

export interface ReleaseScript {
  /**
   * What each call does, in order of the calls, the last one repeats. By activity, or by activity and step:
   * `stageInstances`, `stageInstances/stage-2`, `runHook/hook-before-1`, `undoHook/hook-before-1`. Default: done.
   */
  readonly does?: Readonly<Record<string, ReleaseWord | readonly ReleaseWord[]>>;
}

/** What an effect answers that ended as `word` says. */
export function outcomeOf(word: ReleaseWord, what: string, facts: object = {}): ReleaseOutcome {
  if (word === 'unhealthy') return { kind: 'unhealthy', summary: `${what}: bad`, evidence: 'evd_fake' };
  return { kind: 'done', summary: `${what}: done`, facts: { fake: what, ...facts } };
}

/** The same for the way back. */
export function undoneOf(left: number, what: string): ReleaseUndone {
  return { left, summary: `${what}: ${left === 0 ? 'undone' : `${left} left`}`, facts: { fake: what } };
}

/** How many a word of the way back leaves. */
export const leftBy = (word: ReleaseWord): number => (typeof word === 'object' && 'left' in word ? word.left : 0);
