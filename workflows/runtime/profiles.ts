import { ActivityCancellationType, type ActivityOptions } from '@temporalio/workflow';

type Profile = Omit<ActivityOptions, 'taskQueue'>;

/**
 * Long effects on a fleet. They end by their own deadline, which the activity keeps, so an attempt may last for months
 * and a stack that was down for a night goes on where it was; a dead worker is noticed by the missing heartbeat. Waiting for the cancellation's end is wanted: a wave must have stopped before it is undone.
 */
export const fleetEffect: Profile = {
  startToCloseTimeout: '365 days',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** How long a gate that has its result may wait for a database that is away, to store what it saw. */
const GATE_PATIENCE_MS = 24 * 3_600_000;

/**
 * Checks that run something foreign. They end by their own time-out, which the activity keeps (`ownLimitMs`), and are tried
 * again as often as a worker is lost; a check that outlasts even this time is not run a second time.
 */
export const gateCheck = (ownLimitMs: number): Profile => ({
  startToCloseTimeout: ownLimitMs + GATE_PATIENCE_MS,
  heartbeatTimeout: '5s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '200ms',
    backoffCoefficient: 2,
    maximumInterval: '10s',
    nonRetryableErrorTypes: ['TemporalTimeout:StartToClose'],
  },
});

/**
 * Effects on containers and traffic. The step's own deadline ends them; a dead worker is noticed by the missing heartbeat.
 * Waiting for the cancellation's end is wanted: an effect must have stopped before it is undone.
 */
export const releaseEffect: Profile = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '2s' },
};

/** The way back of a release: tried for as long as the activity's own deadline allows. */
export const releaseUndo: Profile = { ...releaseEffect, retry: { ...releaseEffect.retry, maximumInterval: '1s' } };

/** The journal: never given up, because nothing is proven without it. It beats, because a run waits for it at its end. */
export const journaling: Profile = {
  startToCloseTimeout: '30s',
  heartbeatTimeout: '3s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** The watch: one look per attempt, the next look by `nextRetryDelay`. A look never delays a stop, a dead worker no look. */
export const looking: Profile = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '5s', backoffCoefficient: 1 },
};

/**
 * Another run, looked at until it has ended: one look per attempt, and an open run costs no history. A look never delays a
 * stop, a dead worker no look.
 */
export const following: Profile = {
  startToCloseTimeout: '5 minutes',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 1 },
};

/**
 * One short look whose answer nobody waits for once the run is stopped. Never ABANDON: an activity that was left alone and
 * then fails fails the workflow task, for ever.
 */
export const glancing: Profile = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '3s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '10s' },
};

/** Questions to Temporal about other runs, thousands of them maybe: repeated until they are answered, because nothing goes on without. */
export const surveying: Profile = {
  startToCloseTimeout: '24 hours',
  heartbeatTimeout: '3s',
  retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
};

/** One look per attempt at other runs, and a word to them: the next look by `nextRetryDelay`, after a failure soon. */
export const pollingRuns: Profile = {
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '3s',
  retry: { initialInterval: '500ms', backoffCoefficient: 1 },
};
