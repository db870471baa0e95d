import { setTimeout as delay } from 'node:timers/promises';
import { appliedCredentials } from '../../../activities/adapters/postgres/broker-credentials.ts';
import type { EngineDeps } from '../engine.ts';
import { pidOfLiveStack } from '../live-stack.ts';

/** Whether new devices can sign in to the broker now. */
export type CredentialsState =
  | { readonly kind: 'valid' }
  /** No gateway runs: they become valid when one starts. */
  | { readonly kind: 'with-next-start' }
  | { readonly kind: 'not-applied'; readonly waitedMs: number };

const POLL_MS = 40;
const WAIT_MS = 30_000;

/** Waits until the broker has taken rebuild `wanted` (null: there is nothing to wait for), if a gateway runs that can do it. */
export async function awaitCredentials(deps: EngineDeps, wanted: number | null): Promise<CredentialsState> {
  if (wanted === null) return { kind: 'valid' };
  const pool = await deps.database();
  const giveUpAt = performance.now() + WAIT_MS;
  while ((await appliedCredentials(pool)) < wanted) {
    if (pidOfLiveStack(deps.settings.dataDirectory) === null) return { kind: 'with-next-start' };
    if (performance.now() > giveUpAt) return { kind: 'not-applied', waitedMs: WAIT_MS };
    await delay(POLL_MS);
  }
  return { kind: 'valid' };
}
