import type { Iso } from '../time.ts';
import type { HeldBy } from '../windows/clearance.ts';

/** Where a run stands, each phase with its own data. */
export type RunState =
  | { readonly phase: 'queued'; readonly since: Iso }
  | {
      readonly phase: 'waiting-for-window';
      readonly since: Iso;
      /** Null: it does not open by itself. */
      readonly opensAt: Iso | null;
      readonly heldBy: HeldBy;
      readonly reason: string;
    }
  | { readonly phase: 'awaiting-approval'; readonly since: Iso; readonly gate: string; readonly expiresAt: Iso | null }
  | { readonly phase: 'running'; readonly since: Iso }
  | {
      readonly phase: 'paused';
      readonly since: Iso;
      readonly reason: string;
      readonly by: string;
      readonly under: Active;
    }
  | { readonly phase: 'rolling-back'; readonly since: Iso; readonly reason: string }
  | { readonly phase: 'completed'; readonly since: Iso }
  | { readonly phase: 'rolled-back'; readonly since: Iso; readonly reason: string }
  | { readonly phase: 'cancelled'; readonly since: Iso; readonly reason: string }
  | { readonly phase: 'failed'; readonly since: Iso; readonly reason: string }
  | { readonly phase: 'rollback-incomplete'; readonly since: Iso; readonly reason: string; readonly left: number };

export type Phase = RunState['phase'];
/** What lies under a pause and comes back at resume. */
export type Active = Extract<RunState, { phase: 'queued' | 'waiting-for-window' | 'awaiting-approval' | 'running' }>;

export const PHASES: readonly Phase[] = [
  'queued',
  'waiting-for-window',
  'awaiting-approval',
  'running',
  'paused',
  'rolling-back',
  'completed',
  'rolled-back',
  'cancelled',
  'failed',
  'rollback-incomplete',
];

/** What comes back when a paused run is resumed; of any other the state itself. */
export const beneathPause = (state: RunState): RunState => (state.phase === 'paused' ? state.under : state);

/** How a run waits for its window, a pause over it or not; null when it does not wait. */
export function waitOf(state: RunState): Extract<RunState, { phase: 'waiting-for-window' }> | null {
  const active = beneathPause(state);
  return active.phase === 'waiting-for-window' ? active : null;
}

const CLOSED: ReadonlySet<Phase> = new Set(['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete']);

/** A closed run takes no command any more. */
export const isClosed = (phase: Phase): boolean => CLOSED.has(phase);
