// The fleet's ports in memory, for workflow tests: scripted outcomes, recorded calls, no time passes.
import { Context, activityInfo } from '@temporalio/activity';
import { errorReport } from '#domain/errors/failure.ts';
import { addCounts, NO_COUNTS, type WaveCounts } from '#domain/fleet/counts.ts';
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { FleetActivities, OfferWaveInput, WaveOutcome } from '#domain/ports/fleet.port.ts';
import type { EvaluateGateInput, GateActivities, GateOutcome } from '#domain/ports/gates.port.ts';
import type { AppendJournalInput, JournalActivities } from '#domain/ports/journal.port.ts';
import type { Unhealthy, Verdict, WatchActivities, WatchInput } from '#domain/ports/watch.port.ts';
import type { RunView } from '#domain/run/run-view.ts';
import { failureOf } from '../../../activities/runtime/fail.ts';
import { waveOutcome, type FleetScript, type Look, type OfferScript } from './fleet-script.ts';

export type FleetPorts = FleetActivities & GateActivities & WatchActivities & JournalActivities;

export interface FakeCall {
  readonly name: keyof FleetPorts;
  readonly input: unknown;
}

export interface FakeFleet {
  readonly activities: FleetPorts;
  /** Every call in order, repeated attempts included. */
  readonly calls: readonly FakeCall[];
  /** The journal as PostgreSQL would hold it, by seq, and the run's last view. */
  journal(run?: string): JournalEntry[];
  view(run?: string): RunView | undefined;
  /** Replaces parts of the script from now on. */
  change(script: FleetScript): void;
  /** From now on every look finds this criterion true. */
  breach(criterion: Unhealthy['criterion'], summary: string): void;
  /** Lets waves and gates that are `held` go on. */
  releaseHeld(): void;
  /** Resolves when the n-th call of `name` has begun. */
  called(name: keyof FleetPorts, times?: number): Promise<void>;
}

const HEALTHY: Verdict = { kind: 'healthy' };

/** A fleet that does what `script` says; one for each test, or one for several runs. */
export function createFakeFleet(initial: FleetScript = {}): FakeFleet {
  return new ScriptedFleet(initial);
}

class ScriptedFleet implements FakeFleet {
  readonly calls: FakeCall[] = [];
  readonly activities: FleetPorts;
  #script: FleetScript;
  #looks = 0;
  #batches = 0;
  readonly #offered = new Map<string, number>();
  readonly #counts = new Map<string, Map<number, WaveCounts>>();
  readonly #entries = new Map<string, Map<number, JournalEntry>>();
  readonly #views = new Map<string, RunView>();
  #held: (() => void)[] = [];
  #awaited: { name: string; times: number; resolve: () => void }[] = [];

  constructor(script: FleetScript) {
    this.#script = script;
    const on = <I, O>(name: keyof FleetPorts, work: (input: I) => O | Promise<O>) => {
      return async (input: I): Promise<O> => {
        this.#record(name, input);
        return work(input);
      };
    };
    this.activities = {
      prepareRollout: on('prepareRollout', () => {
        return { targets: this.#script.targets ?? 200, alreadyCurrent: this.#script.alreadyCurrent ?? 0 };
      }),
      offerWave: on('offerWave', (input: OfferWaveInput) => this.#offer(input)),
      countRun: on('countRun', ({ run }: { run: string }) => orThrow(this.#script.count ?? this.#sum(run))),
      holdOffers: on('holdOffers', () => orThrow(this.#script.hold ?? undefined)),
      reopenOffers: on('reopenOffers', () => undefined),
      withdrawOffers: on('withdrawOffers', ({ run }: { run: string }) => {
        const none = { withdrawn: 0, acknowledged: 0, unacknowledged: 0, counts: this.#sum(run) };
        return { ...none, ...orThrow(this.#script.withdraw ?? {}) };
      }),
      rollBackFleet: on('rollBackFleet', ({ run }: { run: string }) => {
        const offered = this.#sum(run).offered;
        const all = { kind: 'rolled-back' as const, offered, returned: offered, left: 0, examples: [] };
        return { ...all, ...orThrow(this.#script.rollback ?? {}) };
      }),
      leaveFleet: on('leaveFleet', ({ run }: { run: string }) => {
        const left = orThrow(this.#script.leave ?? this.#sum(run).offered);
        return { kind: 'incomplete' as const, offered: 0, returned: 0, left, examples: [] };
      }),
      evaluateGate: on('evaluateGate', (input: EvaluateGateInput) => this.#gate(input)),
      watchCriteria: on('watchCriteria', (input: WatchInput) => this.#watch(input)),
      lookOnce: on('lookOnce', async (input: WatchInput) => {
        const script = this.#script.glance ?? this.#script.look;
        return watched(orThrow((await script?.(this.#nextLook())) ?? HEALTHY), input);
      }),
      appendJournal: on('appendJournal', (input: AppendJournalInput) => this.#append(input)),
    };
  }

  journal(run?: string): JournalEntry[] {
    const entries = run === undefined ? [...this.#entries.values()][0] : this.#entries.get(run);
    return [...(entries?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  }

  view(run?: string): RunView | undefined {
    return run === undefined ? [...this.#views.values()][0] : this.#views.get(run);
  }

  change(script: FleetScript): void {
    this.#script = { ...this.#script, ...script };
  }

  breach(criterion: Unhealthy['criterion'], summary: string): void {
    const found = { kind: 'unhealthy', summary, evidence: 'evd_fake' } as const;
    const bad =
      criterion === 'failure-rate' ? { ...found, criterion, failureRatePercent: 40 } : { ...found, criterion };
    this.change({ look: () => bad });
  }

  releaseHeld(): void {
    for (const release of this.#held.splice(0)) release();
  }

  called(name: keyof FleetPorts, times = 1): Promise<void> {
    if (this.#times(name) >= times) return Promise.resolve();
    return new Promise((resolve) => this.#awaited.push({ name, times, resolve }));
  }

  #times(name: string): number {
    return this.calls.filter((call) => call.name === name).length;
  }

  #record(name: keyof FleetPorts, input: unknown): void {
    this.calls.push({ name, input });
    const due = this.#awaited.filter((one) => one.name === name && this.#times(name) >= one.times);
    this.#awaited = this.#awaited.filter((one) => !due.includes(one));
    for (const one of due) one.resolve();
  }

  #sum(run: string): WaveCounts {
    return [...(this.#counts.get(run)?.values() ?? [])].reduce(addCounts, NO_COUNTS);
  }

  async #offer(input: OfferWaveInput): Promise<WaveOutcome> {
    const key = `${input.run}/${input.wave}`;
    const call = this.#offered.get(key) ?? 0;
    this.#offered.set(key, call + 1);
    const scripted = this.#script.offers?.[input.wave] ?? 'passed';
    const list: readonly OfferScript[] = Array.isArray(scripted) ? scripted : [scripted as OfferScript];
    const outcome = await this.#play(list[Math.min(call, list.length - 1)] ?? 'passed', input);
    const waves = this.#counts.get(input.run) ?? new Map<number, WaveCounts>();
    this.#counts.set(input.run, waves.set(input.wave, outcome.counts));
    return outcome;
  }

  async #play(offer: OfferScript, input: OfferWaveInput): Promise<WaveOutcome> {
    if (offer instanceof Error) throw offer;
    if (typeof offer === 'function') return offer(input);
    if (typeof offer === 'object') return offer;
    if (offer === 'held') await this.#hold();
    return waveOutcome(offer === 'held' ? 'passed' : offer, this.#script.waveDevices?.[input.wave] ?? 10);
  }

  /** A cancellation reaches an activity with its heartbeats only. */
  async #hold(): Promise<void> {
    const context = Context.current();
    const beat = setInterval(() => context.heartbeat(), 100);
    const released = new Promise<void>((resolve) => this.#held.push(resolve));
    await Promise.race([released, context.cancelled]).finally(() => clearInterval(beat));
  }

  async #gate({ step }: EvaluateGateInput): Promise<GateOutcome> {
    const word = orThrow(this.#script.gates?.[step.gate] ?? 'passed');
    if (typeof word === 'object') return word;
    if (word === 'held') await this.#hold();
    const scripted = word === 'held' ? 'passed' : word;
    return { kind: scripted, summary: `${step.gate} ${scripted}`, evidence: scripted === 'failed' ? 'evd_fake' : null };
  }

  #nextLook(): Look {
    const { currentAttemptScheduledTimestampMs: now, scheduledTimestampMs: since } = activityInfo();
    this.#looks += 1;
    return { look: this.#looks, elapsedMs: now - since };
  }

  #watch(input: WatchInput): Verdict {
    const verdict = watched(orThrow(this.#script.look?.(this.#nextLook()) ?? HEALTHY), input);
    if (verdict.kind !== 'healthy') return verdict;
    const { attempt: look } = activityInfo();
    throw failureOf(errorReport('NOTHING_YET', { look }), { nextRetryDelayMs: input.watch.everyMs });
  }

  #append({ run, entries, view }: AppendJournalInput): void {
    this.#batches += 1;
    if (this.#batches <= (this.#script.journalFailures ?? 0))
      throw this.#script.journalFailure ?? new Error('the database is away');
    const known = this.#entries.get(run) ?? new Map<number, JournalEntry>();
    const isNews = entries.some(({ seq }) => seq > Math.max(0, ...known.keys()));
    for (const entry of entries) if (!known.has(entry.seq)) known.set(entry.seq, entry);
    this.#entries.set(run, known);
    if (isNews) this.#views.set(run, view);
  }
}

function orThrow<T>(value: T | Error): T {
  if (value instanceof Error) throw value;
  return value;
}

/** What is found of a criterion that nobody watches is not looked for. */
function watched(found: Verdict, { watch: { criteria } }: WatchInput): Verdict {
  if (found.kind !== 'unhealthy') return found;
  const isWatched =
    found.criterion === 'failure-rate' ? criteria.maxFailureRatePercent !== null : criteria.onHealthCheckFailure;
  return isWatched ? found : HEALTHY;
}
