import { setTimeout as pause } from 'node:timers/promises';
import type { LookingFirst, WatchedOutcome } from '#domain/ports/release.port.ts';
import { addMs, type Iso } from '#domain/time.ts';
import type { ReleaseWork } from './release-work.ts';
import { lookAtPrepared } from './watch/look-at-release.ts';

/** Whoever waits for the effect cannot be answered meanwhile; a longer look is for somebody who can be. */
const LOOK_WITHIN_MS = 3_000;
/** A check that never answers is given up with the look, and not taken for ill. */
const CHECK_BUDGET_MS = 60_000;

/**
 * Null: all is well, go on. Else the answer of the effect, of which nothing is done by this attempt. Not for an attempt that
 * finds its effect done: what is bad by then is for the watch to tell. Throws when the activity is cancelled.
 */
export async function lookFirst(release: ReleaseWork, input: LookingFirst): Promise<WatchedOutcome | null> {
  if (input.look === null) return null;
  const signal = AbortSignal.any([release.signal, AbortSignal.timeout(LOOK_WITHIN_MS)]);
  const wait = async (waitMs: number): Promise<void> => pause(waitMs, undefined, { signal });
  const tools = { dataDirectory: release.dataDirectory, signal, wait, budgetMs: CHECK_BUDGET_MS };
  try {
    // Not all that a look asks hears the signal.
    const looking = lookAtPrepared({ ...release, signal }, { ...input, watch: input.look }, tools);
    const seen = await Promise.race([looking, aborted(signal)]);
    return seen.kind === 'healthy' ? null : { kind: 'breach', breach: seen };
  } catch (error) {
    release.signal.throwIfAborted();
    return { kind: 'unseen', why: error instanceof Error ? error.message : String(error) };
  }
}

/** The same before an effect with a deadline of its own, which the look takes nothing from. */
export async function lookBefore<Input extends LookingFirst & { readonly deadlineAt: Iso }>(
  release: ReleaseWork,
  input: Input,
): Promise<{ readonly ill: WatchedOutcome | null; readonly deadlineAt: Iso }> {
  const begunMs = Date.now();
  const ill = await lookFirst(release, input);
  return { ill, deadlineAt: addMs(input.deadlineAt, Date.now() - begunMs) };
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
