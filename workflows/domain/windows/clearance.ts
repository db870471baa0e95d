import type { Iso } from '../time.ts';
import { describeWindow } from './describe-window.ts';
import { standingAt, type Standing } from './standing.ts';
import type { DeploymentWindow } from './window.ts';

/** When a run may begin its effects. */
export interface RunSchedule {
  readonly startAt: Iso;
  /** From then on no further effect begins; null: none is ever too late. */
  readonly endsAt: Iso | null;
}

/** What holds a run besides people. */
export interface Timing {
  readonly windows: readonly DeploymentWindow[];
  readonly schedule: RunSchedule | null;
}

/** Why a run waits: as a window is closed or, with every window open, for its scheduled time alone. */
export type HeldBy = 'window' | 'schedule';

export interface Hold {
  readonly kind: 'wait';
  /** Null: it does not open for as long as can be seen. */
  readonly opensAt: Iso | null;
  readonly heldBy: HeldBy;
  /** Names the windows and what they say. */
  readonly reason: string;
  readonly windows: readonly string[];
}

/** Whether the next effect may begin. */
export type Clearance = { readonly kind: 'go' } | Hold | { readonly kind: 'over'; readonly endedAt: Iso };

/** Whether an effect may begin at `at`, and if not, what it waits for and until when. */
export function clearanceAt({ windows, schedule }: Timing, at: Iso): Clearance {
  if (schedule !== null && schedule.endsAt !== null && at >= schedule.endsAt) {
    return { kind: 'over', endedAt: schedule.endsAt };
  }
  const startAt = schedule !== null && schedule.startAt > at ? schedule.startAt : null;
  const standing = standingAt(windows, startAt ?? at);
  if (standing.kind === 'closed') return closed(standing, startAt);
  if (startAt === null) return { kind: 'go' };
  const isClosedNow = standingAt(windows, at).kind === 'closed';
  return {
    kind: 'wait',
    opensAt: startAt,
    heldBy: isClosedNow ? 'window' : 'schedule',
    reason: `scheduled for ${startAt}`,
    windows: [],
  };
}

function closed({ opensAt, because }: Extract<Standing, { kind: 'closed' }>, startAt: Iso | null): Hold {
  const isDenied = because.some(({ kind }) => kind === 'deny');
  const what = `${isDenied ? 'denied by' : 'outside of'} ${because.map(describeWindow).join('; ')}`;
  const reason = startAt === null ? what : `scheduled for ${startAt}, and then ${what}`;
  return { kind: 'wait', opensAt, heldBy: 'window', reason, windows: because.map(({ name }) => name) };
}
