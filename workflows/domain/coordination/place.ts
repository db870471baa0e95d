import type { EmergencyHold } from '../emergency/emergency-hold.ts';
import type { Iso } from '../time.ts';
import type { KnownHolds, Pin } from './holds.ts';

/** What a run wants of its environment; written when it is started, and the same ever after. */
export interface PlaceWish {
  readonly environment: string;
  /** Order of the starts: the lower one is served first. */
  readonly ticket: number;
  /** `rollback` goes before everything that has not begun. */
  readonly priority: 'normal' | 'rollback';
  /** What it keeps to itself: the application, or `devices`. */
  readonly subject: string;
  /** Of devices: earlier runs that it has one in common with; `all`: it takes shares of everything. Of an application: none. */
  readonly after: 'all' | readonly string[];
  /** How many runs may be under way in the environment when this one was started; the latest start says it for all. */
  readonly maximum: number;
  /** What it delivers: where its subject is pinned, only a pinned version may begin. Missing in runs from before there were pins. */
  readonly version?: string;
  /** Of the freezes and pins that were known when it was started: a coordinator that knows older ones looks first. */
  readonly holdsRevision?: number;
  /** The freeze that somebody let it pass; no later one. */
  readonly passesFreeze?: number;
}

/** How a run stands with its environment, as it knows itself. */
export type PlaceStanding =
  /** Before it asked, while it waits for people or a window without having begun, and when it is over. */
  | 'none'
  | 'queued'
  /** It may act. */
  | 'held'
  /** It waits in the middle: keeps its subject to itself, but counts no longer among those under way. */
  | 'resting'
  /** It rested and wants to go on. */
  | 'resuming';

/** One run in the coordinator's books. */
export interface Claim extends PlaceWish {
  readonly run: string;
  readonly workflowId: string;
  /** Counts how often the run asked: an answer to an earlier question says nothing of this one. */
  readonly request: number;
  /** Since when it stands where it stands. */
  readonly since: Iso;
}

/** Who waits; `resumes`: it has its subject already and only wants to be counted again. */
export interface WaitingClaim extends Claim {
  readonly resumes: boolean;
}

/** The books of one environment. */
export interface Books extends KnownHolds {
  /** Under way, counted. */
  readonly holders: readonly Claim[];
  readonly resting: readonly Claim[];
  readonly waiting: readonly WaitingClaim[];
  /** How many may be under way, as the latest start said; null before the first. */
  readonly limit: { readonly ticket: number; readonly maximum: number } | null;
  /** While the whole environment is taken back nobody begins but ways back. Missing in books from before. */
  readonly emergency?: EmergencyHold | null;
}

export const EMPTY_BOOKS: Books = { holders: [], resting: [], waiting: [], limit: null };

/** What a run says of its own place. */
export interface RunPlaceView {
  readonly standing: PlaceStanding;
  readonly request: number;
  readonly since: Iso;
  /** The freeze that somebody let it pass since it was started. */
  readonly passesFreeze?: number;
  /** It is over, and what it went back to is pinned. */
  readonly pin?: Pin;
}

/** What a run says as it gives its place back. */
export interface GivingBack {
  readonly run: string;
  /** What it went back to, for good: nobody of its subject begins another version after it. */
  readonly pin?: Pin;
}
