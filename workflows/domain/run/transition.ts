import { assertNever } from '../assert-never.ts';
import type { Iso } from '../time.ts';
import type { HeldBy } from '../windows/clearance.ts';
import { beneathPause, isClosed, type Active, type Phase, type RunState } from './run-state.ts';

/** What happens to a run. */
export type RunEvent =
  | { readonly type: 'started' }
  /** Waits again for its turn in the environment. */
  | { readonly type: 'queued' }
  | { readonly type: 'window-awaited'; readonly opensAt: Iso | null; readonly heldBy: HeldBy; readonly reason: string }
  | { readonly type: 'approval-awaited'; readonly gate: string; readonly expiresAt: Iso | null }
  | { readonly type: 'proceeded' }
  | { readonly type: 'paused'; readonly reason: string; readonly by: string }
  | { readonly type: 'resumed' }
  | { readonly type: 'rollback-begun'; readonly reason: string }
  | { readonly type: 'completed' }
  | { readonly type: 'rolled-back' }
  | { readonly type: 'cancelled'; readonly reason: string }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'left-incomplete'; readonly reason: string; readonly left: number };

export type Illegal = { readonly kind: 'illegal'; readonly from: Phase; readonly event: RunEvent['type'] };
export type Transition = { readonly kind: 'moved'; readonly state: RunState } | Illegal;

/** The state after `event` at `at`, or `illegal`. Total: every state answers every event. */
export function transition(state: RunState, event: RunEvent, at: Iso): Transition {
  if (isClosed(state.phase)) return illegal(state, event);
  switch (event.type) {
    case 'started':
      return start(state, event, at);
    case 'queued':
      return onActive(state, event, { phase: 'queued', since: at });
    case 'window-awaited': {
      const { opensAt, heldBy, reason } = event;
      return onActive(state, event, { phase: 'waiting-for-window', since: at, opensAt, heldBy, reason });
    }
    case 'approval-awaited':
      return onActive(state, event, {
        phase: 'awaiting-approval',
        since: at,
        gate: event.gate,
        expiresAt: event.expiresAt,
      });
    case 'proceeded':
      return onActive(state, event, { phase: 'running', since: at });
    case 'paused':
      return pause(state, event, at);
    case 'resumed':
      return state.phase === 'paused' ? moved({ ...state.under, since: at }) : illegal(state, event);
    default:
      return end(state, event, at);
  }
}

function start(state: RunState, event: RunEvent, at: Iso): Transition {
  return beneathPause(state).phase === 'queued'
    ? onActive(state, event, { phase: 'running', since: at })
    : illegal(state, event);
}

type Ending = Extract<
  RunEvent,
  { type: 'rollback-begun' | 'completed' | 'rolled-back' | 'cancelled' | 'failed' | 'left-incomplete' }
>;

function end(state: RunState, event: Ending, at: Iso): Transition {
  const back = state.phase === 'rolling-back';
  switch (event.type) {
    case 'rollback-begun':
      return back ? illegal(state, event) : moved({ phase: 'rolling-back', since: at, reason: event.reason });
    case 'completed':
      return state.phase === 'running' ? moved({ phase: 'completed', since: at }) : illegal(state, event);
    case 'rolled-back':
      return back ? moved({ phase: 'rolled-back', since: at, reason: state.reason }) : illegal(state, event);
    case 'left-incomplete': {
      const { reason, left } = event;
      return back || state.phase === 'paused'
        ? moved({ phase: 'rollback-incomplete', since: at, reason, left })
        : illegal(state, event);
    }
    case 'cancelled':
      return back ? illegal(state, event) : moved({ phase: 'cancelled', since: at, reason: event.reason });
    case 'failed':
      return moved({ phase: 'failed', since: at, reason: event.reason });
    default:
      return assertNever(event);
  }
}

/** A question may come to a run that a person paused: it is what they must answer then. */
function pause(state: RunState, event: Extract<RunEvent, { type: 'paused' }>, at: Iso): Transition {
  const { reason, by } = event;
  if (state.phase === 'paused') return moved({ ...state, since: at, reason, by });
  return isActive(state) ? moved({ phase: 'paused', since: at, reason, by, under: state }) : illegal(state, event);
}

/** A paused run moves underneath its pause: it still has to be resumed. */
function onActive(state: RunState, event: RunEvent, next: Active): Transition {
  if (state.phase === 'paused') return moved({ ...state, under: next });
  return isActive(state) ? moved(next) : illegal(state, event);
}

function isActive(state: RunState): state is Active {
  return (
    state.phase === 'queued' ||
    state.phase === 'waiting-for-window' ||
    state.phase === 'awaiting-approval' ||
    state.phase === 'running'
  );
}

const moved = (state: RunState): Transition => ({ kind: 'moved', state });
const illegal = (state: RunState, event: RunEvent): Illegal => ({
  kind: 'illegal',
  from: state.phase,
  event: event.type,
});
