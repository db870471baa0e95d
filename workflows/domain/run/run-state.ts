import type { Iso } from '../time.ts';

/** Where a run stands, each phase with its own data. */
export type RunState =
  | { readonly phase: 'queued'; readonly since: Iso }
  | { readonly phase: 'waiting-for-window'; readonly since: Iso; readonly opensAt: Iso }
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

const CLOSED: ReadonlySet<Phase> = new Set(['completed', 'rolled-back', 'cancelled', 'failed', 'rollback-incomplete']);

/** A closed run takes no command any more. */
export const isClosed = (phase: Phase): boolean => CLOSED.has(phase);
