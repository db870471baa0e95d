import type { EmergencyHold } from '../emergency/emergency-hold.ts';
import type { Iso } from '../time.ts';
import { heldBack, type Hold } from './holds.ts';
import type { Books, Claim, PlaceStanding, WaitingClaim } from './place.ts';

/** Puts a run into the queue, at the place that its ticket gives it. */
export function ask(books: Books, claim: Claim): Books {
  const left = heard(giveBack(books, claim.run), claim);
  return { ...left, waiting: inOrder([...left.waiting, { ...claim, resumes: false }]) };
}

/** Takes a run out of the books, wherever it stands. */
export const giveBack = (books: Books, run: string): Books => ({
  ...books,
  holders: without(books.holders, run),
  resting: without(books.resting, run),
  waiting: without(books.waiting, run),
});

/** A run that has begun waits in the middle of its way: it keeps its subject, and others may be under way meanwhile. */
export function rest(books: Books, claim: Claim): Books {
  const left = heard(giveBack(books, claim.run), claim);
  return { ...left, resting: [...left.resting, claim] };
}

/** One that rested wants to go on. */
export function resume(books: Books, claim: Claim): Books {
  if (books.waiting.some((one) => one.run === claim.run)) return books;
  const resting = books.resting.some((one) => one.run === claim.run) ? books.resting : [...books.resting, claim];
  const waiting = inOrder([...books.waiting, { ...claim, resumes: true }]);
  return { ...heard(books, claim), holders: without(books.holders, claim.run), resting, waiting };
}

/** Books that were lost are made up from what each run says of itself; what a run has told meanwhile stands. */
export function recover(books: Books, claim: Claim, standing: PlaceStanding): Books {
  if (isKnown(books, claim.run)) return books;
  switch (standing) {
    case 'none':
      return books;
    case 'queued':
      return ask(books, claim);
    case 'held':
      return { ...heard(books, claim), holders: [...books.holders, claim] };
    case 'resting':
      return rest(books, claim);
    case 'resuming':
      return resume(books, claim);
  }
}

/** From now on only ways back are let in. */
export const takeHold = (books: Books, hold: EmergencyHold): Books => ({ ...books, emergency: hold });

/** Everybody is let in again, unless another emergency has begun meanwhile. */
export const endHold = (books: Books, id: string): Books =>
  books.emergency?.id === id ? { ...books, emergency: null } : books;

export interface Admission {
  readonly books: Books;
  readonly admitted: readonly Claim[];
}

/** Lets in whoever may go now, in the order of the queue. Who has to wait for a subject holds up nobody of another one. */
export function admit(books: Books, at: Iso): Admission {
  let next = books;
  const admitted: Claim[] = [];
  for (const claim of books.waiting) {
    if (whyWaiting(next, claim, at) !== null) continue;
    const { resumes: _resumes, ...holder } = { ...claim, since: at };
    const left = giveBack(next, claim.run);
    next = { ...left, holders: [...left.holders, holder] };
    admitted.push(holder);
  }
  return { books: next, admitted };
}

/** Why a run has to wait. */
export type Obstacle =
  /** These have or want its subject before it. */
  | { readonly kind: 'subject'; readonly behind: readonly string[] }
  /** So many are under way already. */
  | { readonly kind: 'maximum'; readonly maximum: number; readonly behind: readonly string[] }
  /** The whole environment is taken back. */
  | { readonly kind: 'emergency'; readonly emergency: string; readonly behind: readonly [] }
  /** A freeze or a pin. */
  | Hold;

/** Null when it may go at `at`. */
export function whyWaiting(books: Books, claim: WaitingClaim, at: Iso): Obstacle | null {
  const { emergency = null } = books;
  if (emergency !== null && claim.priority !== 'rollback') {
    return { kind: 'emergency', emergency: emergency.id, behind: [] };
  }
  const hold = heldBack(books, claim, at);
  if (hold !== null) return hold;
  // Whoever is held back keeps nobody waiting: it may be for good.
  const ahead = books.waiting.filter(
    (one) => one.run !== claim.run && isBefore(one, claim) && heldBack(books, one, at) === null,
  );
  const rivals = claim.resumes ? [] : [...books.holders, ...books.resting, ...ahead].filter((one) => rival(one, claim));
  if (rivals.length > 0) return { kind: 'subject', behind: rivals.map(({ run }) => run) };
  const maximum = books.limit?.maximum ?? Number.POSITIVE_INFINITY;
  // A way back is never kept from beginning by how much is under way.
  if (claim.priority === 'rollback' || books.holders.length < maximum) return null;
  return { kind: 'maximum', maximum, behind: books.holders.map(({ run }) => run) };
}

/** What the latest start said of the maximum holds for all, also when that run is over. */
const heard = (books: Books, { ticket, maximum }: Claim): Books =>
  books.limit !== null && books.limit.ticket > ticket ? books : { ...books, limit: { ticket, maximum } };

/** Every run that the books know, each once. */
export const runsOf = ({ holders, resting, waiting }: Books): NamedRun[] => named([...holders, ...resting, ...waiting]);

/**
 * Runs for which others wait, each once: whoever holds or rests. One that only waits keeps nobody waiting for good: closed, it
 * is let in like any other, cannot be told, and is found among those who hold.
 */
export const awaitedRuns = ({ holders, resting }: Books): NamedRun[] => named([...holders, ...resting]);

type NamedRun = Pick<Claim, 'run' | 'workflowId'>;

function named(claims: readonly Claim[]): NamedRun[] {
  const all = claims.map(({ run, workflowId }) => [run, workflowId] as const);
  return [...new Map(all)].map(([run, workflowId]) => ({ run, workflowId }));
}

/** The same subject, where it matters: the later of two devices' runs names the earlier ones that it overlaps with. */
function rival(one: Claim, other: Claim): boolean {
  if (one.subject !== other.subject) return false;
  return one.subject !== DEVICES || names(one, other) || names(other, one);
}

const names = ({ after }: Claim, { run }: Claim): boolean => after === 'all' || after.includes(run);

/** The subject of every rollout to a fleet. */
export const DEVICES = 'devices';

const isKnown = ({ holders, resting, waiting }: Books, run: string): boolean =>
  [...holders, ...resting, ...waiting].some((one) => one.run === run);

const isBefore = (one: WaitingClaim, other: WaitingClaim): boolean => order(one, other) < 0;

const inOrder = (waiting: readonly WaitingClaim[]): readonly WaitingClaim[] => waiting.toSorted(order);

/** Ways back first; then whoever has begun, so that it ends; then by ticket. */
function order(one: WaitingClaim, other: WaitingClaim): number {
  const rank = ({ priority, resumes }: WaitingClaim): number => (priority === 'rollback' ? 0 : resumes ? 1 : 2);
  return rank(one) - rank(other) || one.ticket - other.ticket;
}

const without = <One extends { readonly run: string }>(all: readonly One[], run: string): readonly One[] =>
  all.filter((one) => one.run !== run);
