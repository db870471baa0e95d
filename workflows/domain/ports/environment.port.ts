import type { CoordinatorInput } from '../coordination/coordinator-input.ts';
import type { Holds, Pin } from '../coordination/holds.ts';
import type { Claim, PlaceStanding } from '../coordination/place.ts';
import type { EmergencyHold } from '../emergency/emergency-hold.ts';

export interface EnvironmentRef {
  readonly environment: string;
}

export interface OpenCoordinatorInput extends Pick<CoordinatorInput, 'environment' | 'queues'> {
  /** Where its workflow tasks go. */
  readonly taskQueue: string;
}

/** A run and how it says that it stands. */
export interface SurveyedClaim {
  readonly claim: Claim;
  readonly standing: PlaceStanding;
  /** What it went back to as it ended, which may be written nowhere yet. */
  readonly pin?: Pin;
}

/** Whoever does not ask for holds knows nothing of them: it was built before there were any. */
interface AskingForHolds {
  readonly withHolds?: true;
}

/** What runs say of their places, and the freezes and pins that were written when the last of them had spoken. */
export interface Survey {
  readonly claims: readonly SurveyedClaim[];
  readonly holds: Holds;
}

/** Runs that are surely closed, and holds that are newer than those in the books; null when those are the latest. */
export interface Found {
  readonly closed: readonly string[];
  readonly holds: Holds | null;
}

/** Implemented by `activities/environments`; queue `data`. */
export interface EnvironmentActivities {
  /** Starts the environment's coordinator on `taskQueue` where none is open. */
  openCoordinator(input: OpenCoordinatorInput): Promise<void>;
  /** What the open runs of the environment say of their places, but for those that will speak by themselves: the books are made up from it. */
  surveyPlaces(ref: EnvironmentRef & AskingForHolds): Promise<Survey | readonly SurveyedClaim[]>;
  /** The emergency that the environment is in, or null. */
  findHold(ref: EnvironmentRef): Promise<EmergencyHold | null>;
  /**
   * One look per attempt at the runs in the coordinator's books, and at the freezes and pins of its environment; finding all
   * open and nothing new it fails benignly.
   */
  findClosedRuns(
    ref: EnvironmentRef & AskingForHolds & { readonly everyMs: number },
  ): Promise<Found | readonly string[]>;
}
