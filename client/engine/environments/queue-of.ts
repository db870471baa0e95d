import type { RunRow } from '../../../activities/adapters/postgres/runs.ts';
import { whyWaiting, type Obstacle } from '#domain/coordination/admission.ts';
import type { Books, Claim } from '#domain/coordination/place.ts';
import type { Iso } from '#domain/time.ts';

/** One run that stands in the books of its environment. */
export interface PlacedRun {
  readonly row: RunRow;
  readonly claim: Claim;
}

export interface WaitingRun extends PlacedRun {
  /** From 1 on, in the order in which they are served. */
  readonly position: number;
  /** It has begun, and keeps meanwhile what it changes. */
  readonly resumes: boolean;
  /** Null when it is about to be let in. */
  readonly obstacle: Obstacle | null;
}

/** Who stands where in an environment, each run once. */
export interface QueueOfRuns {
  readonly holders: readonly PlacedRun[];
  /** They wait for people or for their time in the middle of their way. */
  readonly resting: readonly PlacedRun[];
  readonly waiting: readonly WaitingRun[];
  /** The rollback of the whole environment, while nobody else begins. */
  readonly emergency: string | null;
}

/** The books joined with the open runs of the database; a run that is closed stands nowhere, whatever the books still say. */
export function queueOf(books: Books, openRuns: readonly RunRow[], now: Iso): QueueOfRuns {
  const rows = new Map(openRuns.map((row) => [row.run as string, row]));
  const placed = <One extends Claim>(claims: readonly One[]): { readonly row: RunRow; readonly claim: One }[] =>
    claims.flatMap((claim) => {
      const row = rows.get(claim.run);
      return row ? [{ row, claim }] : [];
    });
  const [holders, resting, waiting] = [placed(books.holders), placed(books.resting), placed(books.waiting)];
  const open: Books = {
    ...books,
    holders: holders.map(({ claim }) => claim),
    resting: resting.map(({ claim }) => claim),
    waiting: waiting.map(({ claim }) => claim),
  };
  const wantsToGoOn = new Set(open.waiting.map(({ run }) => run));
  return {
    emergency: books.emergency?.id ?? null,
    holders,
    resting: resting.filter(({ claim }) => !wantsToGoOn.has(claim.run)),
    waiting: waiting.map(({ row, claim }, at) => ({
      row,
      claim,
      position: at + 1,
      resumes: claim.resumes,
      obstacle: whyWaiting(open, claim, now),
    })),
  };
}
