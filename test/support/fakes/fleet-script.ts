// What a scripted fleet does, call by call; the words tests use for it.
import type { WaveCounts } from '#domain/fleet/counts.ts';
import { NO_COUNTS } from '#domain/fleet/counts.ts';
import type { OfferWaveInput, RollbackOutcome, WaveOutcome, WithdrawOutcome } from '#domain/ports/fleet.port.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import type { Verdict } from '#domain/ports/watch.port.ts';

/** One look of the watch: `elapsedMs` by the server's clock (virtual in skipped time), `look` 1-based over the whole run. */
export interface Look {
  readonly look: number;
  readonly elapsedMs: number;
}

/** What one call of `offerWave` does. `held` heartbeats until it is cancelled or `releaseHeld` is called; it stops the clock meanwhile. */
export type OfferScript = 'passed' | 'short' | 'breach' | 'stalled' | 'held' | WaveOutcome | Error | OfferFunction;
export type OfferFunction = (input: OfferWaveInput) => WaveOutcome | Promise<WaveOutcome>;

export interface FleetScript {
  /** Devices of the selection (200) and those that run the version already (0). */
  readonly targets?: number;
  readonly alreadyCurrent?: number;
  /** Devices of each wave, 1-based (10). */
  readonly waveDevices?: Readonly<Record<number, number>>;
  /** What each call for a wave does, in order of the calls; the last one repeats. Default: passed. */
  readonly offers?: Readonly<Record<number, OfferScript | readonly OfferScript[]>>;
  /** By gate name; default passed. */
  readonly gates?: Readonly<Record<string, GateOutcome['kind'] | 'held' | GateOutcome | Error>>;
  /** `healthy` means nothing found yet. Default: always healthy. */
  readonly look?: (look: Look) => Verdict | Error;
  /** What the look before going on finds or throws, where it differs from `look`. */
  readonly glance?: (look: Look) => Verdict | Error | Promise<Verdict | Error>;
  readonly withdraw?: Partial<WithdrawOutcome> | Error;
  readonly hold?: Error;
  readonly leave?: Error;
  readonly count?: Error;
  readonly rollback?: Partial<RollbackOutcome> | Error;
  /** The first so many journal batches fail (retryable), or do so with this. */
  readonly journalFailures?: number;
  readonly journalFailure?: Error;
}

/** Counts of a wave that ended: `failed` of `offered` failed, `queued` never answered, the rest succeeded. */
export function endedCounts(offered: number, failed = 0, queued = 0): WaveCounts {
  return { ...NO_COUNTS, offered, failed, queued, succeeded: offered - failed - queued };
}

/** The outcome behind a scripted word for a wave of `devices`. */
export function waveOutcome(word: 'passed' | 'short' | 'breach' | 'stalled', devices: number): WaveOutcome {
  const some = Math.max(1, Math.ceil(devices / 3));
  const examples = [{ thing: 'd-1', status: 'FAILED', reason: 'boot-loop' }];
  if (word === 'passed') return { kind: 'passed', counts: endedCounts(devices), unreleased: 0, examples: [] };
  if (word === 'short') return { kind: 'short', counts: endedCounts(devices, 0, some), unreleased: 0, examples: [] };
  if (word === 'stalled') {
    const summary = `wave 1: no progress within 2 h: ${some} devices waited for`;
    return {
      ...{ kind: 'stalled', counts: endedCounts(devices, 0, some), unreleased: 0, examples: [] },
      ...{ summary, evidence: 'evd_stall' },
    };
  }
  const counts = endedCounts(devices, some);
  const summary = `failure rate ${some}/${devices}`;
  const failureRatePercent = (some / devices) * 100;
  return { kind: 'breach', counts, unreleased: 0, summary, evidence: 'evd_fake', examples, failureRatePercent };
}
