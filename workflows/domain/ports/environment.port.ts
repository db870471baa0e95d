import type { CoordinatorInput } from '../coordination/coordinator-input.ts';
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
}

/** Implemented by `activities/environments`; queue `data`. */
export interface EnvironmentActivities {
  /** Starts the environment's coordinator on `taskQueue` where none is open. */
  openCoordinator(input: OpenCoordinatorInput): Promise<void>;
  /** What every open run of the environment says of its place: from it the books are made up. */
  surveyPlaces(ref: EnvironmentRef): Promise<readonly SurveyedClaim[]>;
  /** The emergency that the environment is in, or null. */
  findHold(ref: EnvironmentRef): Promise<EmergencyHold | null>;
  /** One look per attempt at the runs in the coordinator's books; finding all open it fails benignly. Returns those that are surely closed. */
  findClosedRuns(ref: EnvironmentRef & { readonly everyMs: number }): Promise<readonly string[]>;
}
