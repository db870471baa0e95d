import type { WaveCounts } from '../fleet/counts.ts';
import type { Iso } from '../time.ts';
import type { RollbackCriteria } from '../plan/plan-base.ts';

/** Names the run and its plan; the activity reads the plan from the database and refuses another digest. */
export interface RunRef {
  readonly run: string;
  readonly planId: string;
  readonly digest: string;
}

export interface PreparedRollout {
  /** Devices of the selection when the run began, in the order of SHA-256(run, thing). */
  readonly targets: number;
  readonly alreadyCurrent: number;
  /** Those whose hardware or version the firmware does not fit: targets that are never offered it. */
  readonly misfits?: number;
}

export interface OfferWaveInput extends RunRef {
  readonly wave: number;
  readonly maximumPerMinute: number | null;
  readonly successThresholdPercent: number;
  readonly criteria: RollbackCriteria;
  /** Left out: it may stand still until `deadlineAt`. */
  readonly progressDeadlineMs?: number;
  /** By the workflow's clock; moved when the run was paused. */
  readonly deadlineAt: Iso;
}

/** How an offer came to rest. A bad outcome is a value. */
export type WaveOutcome =
  | (WaveRest & { readonly kind: 'passed' | 'short' })
  | (WaveRest & {
      readonly kind: 'breach';
      readonly summary: string;
      readonly evidence: string;
      /** Of the whole run, as it was seen. */
      readonly failureRatePercent: number;
    })
  /** Nothing moved for the progress deadline. What is queued is held. */
  | (WaveRest & { readonly kind: 'stalled'; readonly summary: string; readonly evidence: string });

interface WaveRest {
  /** Devices that were offered the version; without `unreleased`. */
  readonly counts: WaveCounts;
  /** Devices up to this wave that the rate limit still kept back: not offered yet, judged like queued ones. */
  readonly unreleased: number;
  /** At most five failed devices with their reasons. */
  readonly examples: readonly FailureExample[];
}

export interface FailureExample {
  readonly thing: string;
  readonly status: string;
  readonly reason: string;
}

export interface RollBackInput extends RunRef {
  readonly reason: string;
  readonly deadlineAt: Iso;
}

export interface RollbackOutcome {
  readonly kind: 'rolled-back' | 'incomplete';
  /** Devices offered their own previous firmware, and those of them that confirmed it. */
  readonly offered: number;
  readonly returned: number;
  /** Devices that could not be brought back or did not answer; the list stands in `rollback_targets`. */
  readonly left: number;
  readonly examples: readonly FailureExample[];
}

export interface WithdrawOutcome {
  readonly withdrawn: number;
  /** In-progress devices that acknowledged the cancel. */
  readonly acknowledged: number;
  readonly unacknowledged: number;
  readonly counts: WaveCounts;
}

/** Implemented by `activities/fleet`; queue `fleet`. All are idempotent by (run, wave). */
export interface FleetActivities {
  /** Snapshots the targets with their previous firmware and assigns them to waves. */
  prepareRollout(input: RunRef): Promise<PreparedRollout>;
  /**
   * Releases the wave's jobs under the rate limit and returns when the wave ended. Heartbeats. Cancelled (pause, stop):
   * holds what is still queued, so that no further device begins, and ends as cancelled.
   */
  offerWave(input: OfferWaveInput): Promise<WaveOutcome>;
  /** How the devices of the whole run stand that may be on the new version, read once: without those only staged. */
  countRun(input: RunRef): Promise<WaveCounts>;
  /**
   * Keeps everything of the run that is still queued from the devices: none begins any more, those in progress go on.
   * Nothing happens to a run that was not prepared, is held already, or whose offers were withdrawn.
   */
  holdOffers(input: RunRef): Promise<void>;
  /** Hands out again, and announces, what is held of the run; offers that were withdrawn stay so. */
  reopenOffers(input: RunRef): Promise<void>;
  /** Stops offering, cancels queued and in-progress jobs and waits, at most 60 s and to `deadlineAt`, for the devices' acknowledgement. */
  withdrawOffers(input: RollBackInput): Promise<WithdrawOutcome>;
  /** Offers each device that may be on the new version its own previous firmware; ends when all confirmed or at `deadlineAt`. */
  rollBackFleet(input: RollBackInput): Promise<RollbackOutcome>;
  /** Stops offering and lists the devices that are, or may be, on the new version in `rollback_targets`; offers nothing. */
  leaveFleet(input: RunRef): Promise<RollbackOutcome>;
}
