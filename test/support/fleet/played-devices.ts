// Devices as the gateway's store sees them: their requests go through it, their behaviour is a test's.
import { createPostgresJobStore } from '../../../activities/adapters/postgres/job-store.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { JobStore } from '#domain/ports/job-store.port.ts';
import type { ReportedStatus, UpdateRequest } from '#domain/fleet/job-execution-request.ts';
import type { StatusDetails } from '#domain/fleet/job-execution.ts';

/** What a device does with a job: end it, stop answering after it began, or leave it in its queue. */
export type Behaviour =
  | { readonly does: 'succeed' }
  | { readonly does: 'fail'; readonly step: string | null; readonly reason: string }
  | { readonly does: 'reject' }
  | { readonly does: 'begin'; readonly step: string | null }
  | { readonly does: 'nothing' };

export const succeeds: Behaviour = { does: 'succeed' };
export const isOffline: Behaviour = { does: 'nothing' };
export const fails = (step: string | null = 'rebooting', reason = 'boot-loop'): Behaviour => ({
  does: 'fail',
  step,
  reason,
});
export const begins = (step: string | null = 'downloading'): Behaviour => ({ does: 'begin', step });

export interface Answered {
  readonly kind: 'accepted' | 'rejected' | 'none';
  readonly code: string | null;
  readonly jobId: string | null;
}

export interface PlayedDevices {
  /** Asks for the next job; the job's id, null when there is none. */
  startNext(thing: string): Promise<string | null>;
  report(thing: string, jobId: string, status: ReportedStatus, details?: StatusDetails): Promise<Answered>;
  /** Begins the next job and does as told; the job's id. */
  play(thing: string, behaviour: Behaviour): Promise<string | null>;
  /** From now on every device with something in its queue does what `behave` says, until stopped. */
  live(behave: (thing: string, jobId: string) => Behaviour): () => Promise<void>;
  /** Ends what is past its deadline at `nowMs`. */
  sweep(nowMs: number): Promise<number>;
}

const POLL_MS = 15;

export function playedDevices(pool: Pool): PlayedDevices {
  return new Station(createPostgresJobStore(pool, 0, 'http://127.0.0.1:5001/artifacts'));
}

class Station implements PlayedDevices {
  readonly #store: JobStore;

  constructor(store: JobStore) {
    this.#store = store;
  }

  async startNext(thing: string): Promise<string | null> {
    const request = {
      kind: 'start-next',
      thing,
      countsAsBoot: true,
      clientToken: null,
      statusDetails: null,
      stepTimeoutMinutes: null,
    } as const;
    const [outcome] = await this.#store.applyBatch(0, [request], Date.now());
    const answer = outcome?.answer;
    return answer?.kind === 'accepted' ? (answer.body.execution?.jobId ?? null) : null;
  }

  async report(thing: string, jobId: string, status: ReportedStatus, details: StatusDetails = {}): Promise<Answered> {
    const request: UpdateRequest = {
      kind: 'update',
      thing,
      jobId,
      status,
      clientToken: null,
      statusDetails: details,
      expectedVersion: null,
      executionNumber: null,
      stepTimeoutMinutes: null,
      includeJobExecutionState: false,
      includeJobDocument: false,
    };
    const [outcome] = await this.#store.applyBatch(0, [request], Date.now());
    const answer = outcome?.answer;
    if (answer?.kind === 'rejected') return { kind: 'rejected', code: answer.body.code, jobId };
    return { kind: answer?.kind ?? 'none', code: null, jobId };
  }

  async play(thing: string, behaviour: Behaviour): Promise<string | null> {
    if (behaviour.does === 'nothing') return null;
    const jobId = await this.startNext(thing);
    if (jobId === null) return null;
    const step = 'step' in behaviour ? behaviour.step : behaviour.does === 'succeed' ? 'rebooting' : null;
    if (step !== null) await this.report(thing, jobId, 'IN_PROGRESS', { step });
    if (behaviour.does === 'succeed') await this.report(thing, jobId, 'SUCCEEDED');
    if (behaviour.does === 'reject') await this.report(thing, jobId, 'REJECTED', { reason: 'refused' });
    if (behaviour.does === 'fail') await this.report(thing, jobId, 'FAILED', { reason: behaviour.reason });
    return jobId;
  }

  live(behave: (thing: string, jobId: string) => Behaviour): () => Promise<void> {
    let isOn = true;
    const living = (async () => {
      while (isOn) {
        await this.#playQueued(behave);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    })();
    return async () => {
      isOn = false;
      await living;
    };
  }

  async sweep(nowMs: number): Promise<number> {
    return (await this.#store.sweepDeadlines(nowMs, 1_000)).ended;
  }

  async #playQueued(behave: (thing: string, jobId: string) => Behaviour): Promise<void> {
    const { things } = await this.#store.queuedPage(null, 1_000);
    for (const thing of things) {
      const jobId = await this.#peek(thing);
      if (jobId !== null) await this.play(thing, behave(thing, jobId));
    }
  }

  /** What `start-next` would hand out. */
  async #peek(thing: string): Promise<string | null> {
    const request = {
      kind: 'describe',
      thing,
      jobId: '$next',
      executionNumber: null,
      includeJobDocument: false,
      clientToken: null,
    } as const;
    const [outcome] = await this.#store.applyBatch(0, [request], Date.now());
    const answer = outcome?.answer;
    return answer?.kind === 'accepted' ? (answer.body.execution?.jobId ?? null) : null;
  }
}
