import type { Iso } from '../time.ts';
import { DAY_MS } from './calendar.ts';
import { spansOf, type Span } from './wall-clock.ts';
import type { DeploymentWindow } from './window.ts';

/** Whether an environment may be deployed to, until when, and which windows say so. */
export type Standing =
  | {
      readonly kind: 'open';
      /** Null: for as long as can be seen. */
      readonly until: Iso | null;
      /** The allow windows that are on; none where only deny windows stand. */
      readonly by: readonly DeploymentWindow[];
    }
  | {
      readonly kind: 'closed';
      /** Null: not for as long as can be seen. */
      readonly opensAt: Iso | null;
      /** The deny windows that are on, or else every allow window, as none of them is. */
      readonly because: readonly DeploymentWindow[];
    };

/** How far ahead is looked, step by step: a window of 29 February is seen. */
const HORIZONS_MS = [8, 64, 512, 5 * 366].map((days) => days * DAY_MS);

/**
 * How the windows stand at `atIso`. Runs ask it in their workflow: another answer to the same question has to be `patched`. A deny window that is on closes; else an allow window that is on opens; where there is no
 * allow window all is open. Windows that overlap or meet are one.
 */
export function standingAt(windows: readonly DeploymentWindow[], atIso: Iso): Standing {
  const atMs = Date.parse(atIso);
  const now = windows.filter((one) => spansOf(one, { fromMs: atMs, toMs: atMs + 1 }).length > 0);
  const changeAt = nextChange(windows, atMs);
  if (isOpenWith(windows, now)) {
    return { kind: 'open', until: changeAt, by: now.filter(({ kind }) => kind === 'allow') };
  }
  const denying = now.filter(({ kind }) => kind === 'deny');
  const because = denying.length > 0 ? denying : windows.filter(({ kind }) => kind === 'allow');
  return { kind: 'closed', opensAt: changeAt, because };
}

function isOpenWith(windows: readonly DeploymentWindow[], on: readonly DeploymentWindow[]): boolean {
  if (on.some(({ kind }) => kind === 'deny')) return false;
  return on.some(({ kind }) => kind === 'allow') || windows.every(({ kind }) => kind === 'deny');
}

/** When that which is open closes, or that which is closed opens. */
function nextChange(windows: readonly DeploymentWindow[], atMs: number): Iso | null {
  if (windows.length === 0) return null;
  for (const horizonMs of HORIZONS_MS) {
    const changeMs = changeWithin(windows, { fromMs: atMs, toMs: atMs + horizonMs });
    if (changeMs !== null) return new Date(changeMs).toISOString();
  }
  return null;
}

interface Edge {
  readonly atMs: number;
  readonly window: DeploymentWindow;
  readonly by: 1 | -1;
}

function changeWithin(windows: readonly DeploymentWindow[], range: Span): number | null {
  const edges = windows.flatMap((window) => edgesOf(window, range)).sort((a, b) => a.atMs - b.atMs);
  const counts = new Map<DeploymentWindow, number>();
  const isOpen = (): boolean =>
    isOpenWith(
      windows,
      windows.filter((one) => (counts.get(one) ?? 0) > 0),
    );
  let [index, wasOpen] = [0, null as boolean | null];
  while (index < edges.length || wasOpen === null) {
    const atMs = wasOpen === null ? range.fromMs : (edges[index]?.atMs ?? range.toMs);
    // All edges of one instant together: where one window ends and another begins nothing changes.
    for (let edge = edges[index]; edge && edge.atMs <= atMs; edge = edges[index]) {
      counts.set(edge.window, (counts.get(edge.window) ?? 0) + edge.by);
      index += 1;
    }
    if (wasOpen !== null && isOpen() !== wasOpen) return atMs;
    wasOpen = isOpen();
  }
  return null;
}

/** The end of what is looked at ends no window. */
const edgesOf = (window: DeploymentWindow, range: Span): Edge[] =>
  spansOf(window, range).flatMap(({ fromMs, toMs }) => [
    { atMs: fromMs, window, by: 1 } as const,
    ...(toMs < range.toMs ? [{ atMs: toMs, window, by: -1 } as const] : []),
  ]);
