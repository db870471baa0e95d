import type { LoopState } from '../analysis/measurement-loop.ts';
import type { Iso } from '../time.ts';
import type { MemberCounters } from '../ports/router.port.ts';

/** The new version, and the one beside it. */
export type Side = 'experiment' | 'control';
export const SIDES: readonly Side[] = ['experiment', 'control'];

/** Since the watch began, restarts of the router bridged. */
export interface Totals {
  readonly requests: number;
  /** Answers 5xx, and requests without an answer. */
  readonly failed: number;
}

export const NO_TOTALS: Totals = { requests: 0, failed: 0 };

/** What the watch of a release remembers from one look to the next. */
export interface WatchMemory {
  readonly members: Readonly<Record<string, MemberCounters>>;
  readonly totals: Readonly<Record<Side, Totals>>;
  /** Bad answers in a row, by instance. */
  readonly badAnswers: Readonly<Record<string, number>>;
  readonly loops: Readonly<Record<string, LoopMemory>>;
  /** Of each container, where its use of the CPU is watched. */
  readonly cpu: Readonly<Record<string, { readonly cpuNs: number; readonly at: Iso }>>;
  readonly startedAt: Iso;
}

export interface LoopMemory {
  readonly state: LoopState;
  /** Totals at the last measurement: a rate is of what came since. */
  readonly since: Readonly<Record<Side, Totals>>;
  readonly at: Iso;
}

export const freshMemory = (startedAt: Iso): WatchMemory => ({
  members: {},
  totals: { experiment: NO_TOTALS, control: NO_TOTALS },
  badAnswers: {},
  loops: {},
  cpu: {},
  startedAt,
});

/** A member as the router counted it, and whose it is. */
export interface CountedMember {
  readonly name: string;
  readonly side: Side;
  readonly counters: MemberCounters;
}

/**
 * The memory after a look. A member's counters only grow; smaller ones are those of a router that was restarted. What the
 * old version did before the first look does not count, all of the new version's does.
 */
export function afterLook(memory: WatchMemory, members: readonly CountedMember[]): WatchMemory {
  const totals = { ...memory.totals };
  for (const { name, side, counters } of members) {
    const before = memory.members[name];
    if (before === undefined && side === 'control') continue;
    const since = before && before.requests <= counters.requests ? before : null;
    totals[side] = {
      requests: totals[side].requests + counters.requests - (since?.requests ?? 0),
      failed: totals[side].failed + failedOf(counters) - (since ? failedOf(since) : 0),
    };
  }
  const seen = Object.fromEntries(members.map(({ name, counters }) => [name, counters]));
  return { ...memory, totals, members: { ...memory.members, ...seen } };
}

const failedOf = ({ answers5xx, failures }: MemberCounters): number => answers5xx + failures;

/** Failed requests in percent of all; null without any. */
export const failedPercent = ({ requests, failed }: Totals): number | null =>
  requests === 0 ? null : (100 * failed) / requests;

/** `later` less `earlier`. */
export const since = (later: Totals, earlier: Totals): Totals => ({
  requests: later.requests - earlier.requests,
  failed: later.failed - earlier.failed,
});

/** Mean response time of a side, its members weighted by their requests; null without any. */
export function responseTimeMs(members: readonly CountedMember[], side: Side): number | null {
  const own = members.filter((one) => one.side === side && one.counters.requests > 0);
  const requests = own.reduce((sum, { counters }) => sum + counters.requests, 0);
  if (requests === 0) return null;
  return own.reduce((sum, { counters }) => sum + counters.responseTimeMs * counters.requests, 0) / requests;
}

const NS_PER_MS = 1e6;

/** Use of one CPU in percent between two samples; null without an earlier one. */
export function cpuPercent(
  before: { readonly cpuNs: number; readonly at: Iso } | undefined,
  now: { readonly cpuNs: number; readonly at: Iso },
): number | null {
  const elapsedMs = before ? Date.parse(now.at) - Date.parse(before.at) : 0;
  if (!before || elapsedMs <= 0 || now.cpuNs < before.cpuNs) return null;
  return (100 * (now.cpuNs - before.cpuNs)) / (elapsedMs * NS_PER_MS);
}
