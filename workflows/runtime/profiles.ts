import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

type Profile = Omit<ActivityOptions, 'taskQueue'>;

/**
 * Long effects on a fleet. They end by their own deadline, so an attempt may last for months (`boundedBy` says how long
 * all attempts together may take); a dead worker is noticed by the missing heartbeat. Waiting for the cancellation's end is wanted: a wave must have stopped before it is undone.
 */
export const fleetEffect: Profile = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** Checks that run something foreign: bounded by the check's own time-out, tried again only when the worker died. */
export const gateCheck: Profile = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 10 },
};

/** The journal: never given up, because nothing is proven without it. */
export const journaling: Profile = {
  startToCloseTimeout: '30s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** The watch: one look per attempt, the next look by `nextRetryDelay`. A look never delays a stop. */
export const looking: Profile = {
  startToCloseTimeout: '5 minutes',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', backoffCoefficient: 1 },
};

/** One short look whose answer nobody waits for once the run is stopped: left alone instead of cancelled. */
export const glancing: Profile = {
  startToCloseTimeout: '10 minutes',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
};

/** What is added to an effect's own deadline before it is given up as broken: time for a database or a worker to come back. */
const GRACE_MS = 10 * 60_000;

/** `fleetEffect` that is given up when it neither ended nor failed long after its deadline: nothing may hang for ever. */
export const boundedBy = (durationMs: number): Profile => ({
  ...fleetEffect,
  scheduleToCloseTimeout: durationMs + GRACE_MS,
});
