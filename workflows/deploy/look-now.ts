import type { Breach } from '#domain/fleet/accept-breach.ts';
import type { RunContext } from './run-context.ts';

/**
 * What the watch sees at this moment; null: all is well, or it has not begun. Can be held: to find out may take minutes, and
 * a question must not wait for its own answer.
 */
export async function lookNow({ controls, watch }: RunContext): Promise<Breach | null> {
  if (!watch.isOn) return null;
  const seen = await controls.holdable(() => watch.lookNow());
  return seen.kind === 'healthy' ? null : seen;
}
