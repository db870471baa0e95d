import { setTimeout as delay } from 'node:timers/promises';
import { appliedCredentials } from '../../../activities/adapters/postgres/broker-credentials.ts';
import type { EngineDeps } from '../engine.ts';
import { pidOfLiveStack } from '../live-stack.ts';
import { patientRead } from '../patient-read.ts';

/** Whether new devices can sign in to the broker now. */
export type CredentialsState =
  | { readonly kind: 'valid' }
  /** No `sluice up` runs here: they become valid when one starts. */
  | { readonly kind: 'with-next-start' }
  | { readonly kind: 'not-applied'; readonly waitedMs: number };

const POLL_MS = 40;

/**
 * Waits (as long as for any part that restarts) until the broker has taken rebuild `wanted`, if something runs that can
 * do it. Null: there is nothing to wait for.
 */
export async function awaitCredentials(deps: EngineDeps, wanted: number | null): Promise<CredentialsState> {
  if (wanted === null) return { kind: 'valid' };
  const { dataDirectory, waitForPartMs } = deps.settings;
  const giveUpAt = performance.now() + waitForPartMs;
  while ((await patientRead(deps, appliedCredentials)) < wanted) {
    if (pidOfLiveStack(dataDirectory) === null) return { kind: 'with-next-start' };
    if (performance.now() > giveUpAt) return { kind: 'not-applied', waitedMs: waitForPartMs };
    await delay(POLL_MS);
  }
  return { kind: 'valid' };
}
