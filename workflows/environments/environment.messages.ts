import { defineQuery, defineSignal } from '@temporalio/workflow';
import {
  BOOKS_QUERY,
  END_HOLD_SIGNAL,
  HOLDS_SIGNAL,
  PLACE_QUERY,
  TAKE_HOLD_SIGNAL,
} from '#domain/coordination/coordinator-input.ts';
import type { Holds } from '#domain/coordination/holds.ts';
import type { Books, Claim, GivingBack, RunPlaceView } from '#domain/coordination/place.ts';
import type { EmergencyHold } from '#domain/emergency/emergency-hold.ts';

/** From a run to the coordinator of its environment. */
export const placeSignals = {
  /** Wants a place. */
  askForPlace: defineSignal<[Claim]>('askForPlace'),
  /** Waits in the middle. */
  restPlace: defineSignal<[Claim]>('restPlace'),
  /** Wants to go on after a rest. */
  resumePlace: defineSignal<[Claim]>('resumePlace'),
  /** Wants nothing any more, or nothing for now. */
  giveBackPlace: defineSignal<[GivingBack]>('giveBackPlace'),
} as const;

/** From whoever changed a freeze or a pin to the coordinator: all that is in force, as it was written. */
export const holdsChanged = defineSignal<[Holds]>(HOLDS_SIGNAL);
/** From an emergency to the coordinator. */
export const takeHold = defineSignal<[EmergencyHold]>(TAKE_HOLD_SIGNAL);
export const endHold = defineSignal<[Pick<EmergencyHold, 'id'>]>(END_HOLD_SIGNAL);

/** From the coordinator to the run: `request` is the number of its question. */
export const placeGranted = defineSignal<[{ readonly request: number }]>('placeGranted');

/** Of the coordinator: who holds, who rests, who waits. */
export const coordinatorBooks = defineQuery<Books>(BOOKS_QUERY);

/** Of a run: how it stands. */
export const runPlace = defineQuery<RunPlaceView>(PLACE_QUERY);
