import { inWords } from '#domain/counted.ts';
import type { Freeze } from '#domain/coordination/holds.ts';
import type { PlaceWish } from '#domain/coordination/place.ts';
import type { JudgedDecision } from '#domain/plan/early-decisions.ts';
import { describeFreeze } from '../environments/describe-obstacle.ts';

/** How a start stands with its environment. */
export interface Placed {
  readonly place: PlaceWish | null;
  readonly behind: readonly string[];
  readonly freeze: Freeze | null;
  /** `performance.now()` of a moment before the row was written. */
  readonly insertedAtMs: number;
}

/** As far as the starter knows: whether it is its turn the coordinator says. */
export function waitNote({ place, behind }: Placed): string[] {
  if (place === null || behind.length === 0) return [];
  const are = behind.length === 1 ? 'is' : 'are';
  return [`${inWords(behind)} ${are} open already: it may have to wait · sluice env queue ${place.environment}`];
}

/** The freeze that the run has to wait for. */
export const heldByFreeze = ({ place, freeze }: Placed): Freeze | null =>
  place?.priority === 'rollback' || place?.passesFreeze !== undefined ? null : freeze;

interface Started {
  readonly run: string;
  readonly environment: string;
  readonly overridesFreeze: boolean;
}

/** What a freeze means for the start; nothing where it means nothing. */
export function freezeNote(placed: Placed, start: Started): string[] {
  const { environment } = start;
  const freeze = heldByFreeze(placed);
  if (freeze !== null) {
    const who = placed.place === null ? 'RUN' : start.run;
    const what = `sluice deploy start-now ${who} --reason "…" passes it${placed.place === null ? ' for one application' : ''}`;
    return [`${environment} is ${describeFreeze(freeze)} · ${what}`];
  }
  const isIdle = start.overridesFreeze && placed.freeze === null;
  return isIdle ? [`${environment} is not frozen: there was nothing to override`] : [];
}

/** An approval that was given before and does not count any more. */
export function lapseNote({ decision: { by, at }, lapsed }: JudgedDecision): string[] {
  return lapsed === null ? [] : [`the approval of ${by} at ${at} does not count: ${lapsed}`];
}
