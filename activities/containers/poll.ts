import { setTimeout as pause } from 'node:timers/promises';
import type { Iso } from '#domain/time.ts';

/** Repeats `look` until it gives something or `deadlineAt` has come (then null). Ends early when aborted. */
export async function poll<T>(
  { everyMs, deadlineAt, signal }: { readonly everyMs: number; readonly deadlineAt: Iso; readonly signal: AbortSignal },
  look: () => Promise<T | null>,
): Promise<T | null> {
  const endsAtMs = Date.parse(deadlineAt);
  for (;;) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== null) return found;
    if (Date.now() >= endsAtMs) return null;
    await pause(everyMs, undefined, { signal });
  }
}
