import type { Iso } from '../time.ts';

/** Nobody begins in the environment until then; null: until a person lifts it. */
export interface Freeze {
  readonly id: number;
  readonly reason: string;
  readonly by: string;
  readonly since: Iso;
  readonly until: Iso | null;
}

/** An application, or the devices of a fleet, stays where a person put it. */
export interface Pin {
  /** As in the wish for a place: the application, or `devices`. */
  readonly subject: string;
  /** What may still be started; none: only ways back. */
  readonly versions: readonly string[];
  readonly by: string;
  readonly reason: string;
  readonly since: Iso;
  /** The run that went back to it; null when a person pinned what was there. */
  readonly run: string | null;
}

/** Everything that keeps runs from beginning in one environment, as the database had it at one moment. */
export interface Holds {
  /** Rises with every change: of two snapshots the higher one is the newer. */
  readonly revision: number;
  /** The last one that nobody lifted; its time may be over. */
  readonly freeze: Freeze | null;
  readonly pins: readonly Pin[];
  /** The latest runs whose pins were written, be they in force or not: what these runs said themselves is outdated. */
  readonly recorded: readonly Recorded[];
}

export interface Recorded {
  readonly subject: string;
  readonly run: string;
}

/** @internal what tests begin with */
export const NO_HOLDS: Holds = { revision: 0, freeze: null, pins: [], recorded: [] };

/** What a coordinator knows of holds. Missing in books from before there were any. */
export interface KnownHolds {
  readonly holds?: Holds;
  /** Pins that runs told when they gave their place back, and that no snapshot is known to hold yet; one for a subject. */
  readonly told?: readonly Pin[];
}

export const holdsOf = ({ holds }: KnownHolds): Holds => holds ?? NO_HOLDS;

/** The freeze that is in force at `at`, or null. */
export function freezeAt({ freeze }: Holds, at: Iso): Freeze | null {
  if (freeze === null || (freeze.until !== null && freeze.until <= at)) return null;
  return freeze;
}

/** The pin of a subject, or null. */
export const pinOf = (known: KnownHolds, subject: string): Pin | null =>
  [...(known.told ?? []), ...holdsOf(known).pins].find((pin) => pin.subject === subject) ?? null;

/** Takes over a snapshot, unless a newer one is known; what runs told stays until a snapshot holds it. */
export function adopt<Known extends KnownHolds>(known: Known, holds: Holds): Known {
  if (holds.revision <= holdsOf(known).revision) return known;
  return { ...known, holds, told: (known.told ?? []).filter((pin) => !isRecorded(holds, pin)) };
}

/** A run went back and says so as it leaves: before its pin can be read anywhere, nobody of its subject begins. */
export function tell<Known extends KnownHolds>(known: Known, pin: Pin): Known {
  if (isRecorded(holdsOf(known), pin)) return known;
  return { ...known, told: [...(known.told ?? []).filter(({ subject }) => subject !== pin.subject), pin] };
}

const isRecorded = ({ recorded }: Holds, { subject, run }: Pin): boolean =>
  recorded.some((one) => one.subject === subject && one.run === run);

/** What a run says of itself that holds look at. */
export interface Held {
  readonly subject: string;
  readonly priority: 'normal' | 'rollback';
  readonly resumes: boolean;
  readonly version?: string;
  readonly holdsRevision?: number;
  readonly passesFreeze?: number;
}

/** What keeps a run from beginning that no other run can end. */
export type Hold =
  | { readonly kind: 'freeze'; readonly freeze: Freeze; readonly behind: readonly [] }
  | { readonly kind: 'pin'; readonly pin: Pin; readonly behind: readonly [] }
  /** When it was started there was a newer snapshot than the coordinator has: it has to look first. */
  | { readonly kind: 'holds-unread'; readonly behind: readonly [] };

/** Null when it may begin. Ways back always may, and who has begun goes on. */
export function heldBack(known: KnownHolds, run: Held, at: Iso): Hold | null {
  if (run.priority === 'rollback' || run.resumes) return null;
  const pin = pinOf(known, run.subject);
  if (pin !== null && !isPinnedTo(pin, run.version)) return { kind: 'pin', pin, behind: [] };
  const holds = holdsOf(known);
  const freeze = freezeAt(holds, at);
  if (freeze !== null && run.passesFreeze !== freeze.id) return { kind: 'freeze', freeze, behind: [] };
  return (run.holdsRevision ?? 0) > holds.revision ? { kind: 'holds-unread', behind: [] } : null;
}

/** A run from before versions were told is taken for another one. */
export const isPinnedTo = ({ versions }: Pin, version: string | undefined): boolean =>
  version !== undefined && versions.includes(version);

/** When somebody who waits may begin without anybody's doing: the end of the freeze in force. */
export const freezeEnds = (known: KnownHolds, at: Iso): Iso | null => freezeAt(holdsOf(known), at)?.until ?? null;
