import type { Logger } from 'pino';
import { rejected, rejectedBody, type RejectionCode } from '#domain/fleet/job-execution-answer.ts';
import type { DeviceRequest } from '#domain/fleet/job-execution-request.ts';
import type { JobStore, Outcome } from '#domain/ports/job-store.port.ts';
import type { Complaints } from './complaints.ts';
import { EXPIRY_GRACE, ExpiryGrace, type GraceLimits } from './expiry-grace.ts';
import type { GatewayHooks } from './gateway-hooks.ts';
import { OfferAnnouncer } from './offer-announcer.ts';
import { RefusalCounter } from './refusal-counter.ts';
import { answerMessage, noticeMessage, refusalMessage, type Message } from './reply.ts';
import { RepeatingTask } from './repeating-task.ts';
import { RequestBatcher } from './request-batcher.ts';
import { readPayload } from './request-payload.ts';
import { readTopic } from './request-topic.ts';
import { SeenDevices } from './seen-devices.ts';

/** Above this, progress is refused with RequestThrottled; the ends of jobs are always taken. */
const THROTTLE_ABOVE = 5_000;
/** Above this nothing more is read from the broker, until half of it is done. */
const PAUSE_ABOVE = 20_000;
const SWEEP_MS = 1_000;
/** A sweep takes at most a twentieth of the time. */
const SWEEP_REST = 20;
const SWEEP_PAGE = 500;
const REFUSALS_MS = 1_000;
const SEEN_MS = 30_000;

/** What the service sends through; it may be away. */
export interface DeviceBroker {
  publish(message: Message): void;
  pause(): void;
  resume(): void;
}

export interface ServiceDeps {
  readonly store: JobStore;
  readonly broker: DeviceBroker;
  readonly isRequestAtFault: (error: unknown) => boolean;
  readonly hooks: GatewayHooks;
  readonly log: Logger;
  readonly complaints: Complaints;
  readonly now?: () => number;
  readonly expiryGrace?: GraceLimits;
}

/** Answers the devices of one shard and announces their jobs, while this process owns the shard. */
export class DeviceService {
  readonly #deps: ServiceDeps;
  readonly #now: () => number;
  readonly #refusals = new RefusalCounter();
  readonly #seen = new SeenDevices();
  readonly #batcher: RequestBatcher;
  readonly #announcer: OfferAnnouncer;
  readonly #tasks: readonly RepeatingTask[];
  readonly #grace: ExpiryGrace;
  #isActive = false;
  #isPaused = false;
  #answered = 0;

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
    this.#grace = new ExpiryGrace(deps.expiryGrace ?? EXPIRY_GRACE, this.#now());
    this.#batcher = this.#makeBatcher();
    this.#announcer = new OfferAnnouncer({
      store: deps.store,
      now: this.#now,
      backlog: () => this.#batcher.size,
      publish: (notices) => notices.forEach((notice) => this.#publish(noticeMessage(notice))),
      onError: (error) => deps.complaints.warn('offers are not announced', error),
      onReleasesRead: deps.hooks.beforeAnnounce,
    });
    this.#tasks = [
      this.#task('time-outs are not looked for', () => this.#sweep()),
      this.#task('refusals are not counted', () => this.#refusals.flush(deps.store).then(() => REFUSALS_MS)),
      this.#task('who was seen is not noted', () => this.#seen.flush(deps.store, this.#now()).then(() => SEEN_MS)),
    ];
  }

  /** The shard is ours: what is queued goes on. */
  activate(): void {
    this.#isActive = true;
    this.#deps.store.forget();
    this.#batcher.resume();
    for (const task of this.#tasks) task.start();
  }

  /** The shard may be somebody else's: no batch begins and no answer leaves, but nothing queued is forgotten. */
  suspend(): void {
    this.#isActive = false;
    this.#grace.lost(this.#now());
    this.#batcher.suspend();
    void this.#announcer.stop();
    for (const task of this.#tasks) void task.stop();
  }

  /** The shard is somebody else's. */
  drop(): void {
    this.#batcher.drop();
  }

  /** Devices can be reached (again): everything queued is announced; deadlines and boots count after a grace. */
  brokerIsBack(): void {
    this.#grace.back(this.#now());
    this.#announcer.start();
  }

  brokerIsLost(): void {
    this.#grace.lost(this.#now());
    void this.#announcer.stop();
  }

  /** Jobs were released, opened, held or withdrawn; which, if they know. */
  offersChanged(jobSeq: number | null = null): void {
    this.#announcer.look(jobSeq);
  }

  /** Finishes the open batches with their answers; then nothing happens any more. */
  async stop(): Promise<void> {
    this.#batcher.suspend();
    await this.#announcer.stop();
    await this.#batcher.settled();
    for (const task of this.#tasks) await task.stop();
    this.#isActive = false;
    await this.#refusals.flush(this.#deps.store).catch(() => undefined);
    await this.#seen.flush(this.#deps.store, this.#now()).catch(() => undefined);
  }

  /** Numbers for people: what waits, what was done since the start. */
  counts(): Readonly<Record<'queued' | 'announced' | 'answered' | 'refused', number>> {
    return {
      queued: this.#batcher.size,
      announced: this.#announcer.inFlight,
      answered: this.#answered,
      refused: this.#refusals.total,
    };
  }

  /** One message of a device. Never throws, whatever it holds. */
  receive(topic: string, payload: Uint8Array): void {
    const reading = readTopic(topic);
    if (reading.kind === 'invalid') {
      const answerTo = reading.thing === null ? null : topic;
      this.#refuse(answerTo, { code: 'InvalidTopic', message: reading.why, clientToken: null });
      return;
    }
    this.#seen.add(reading.request.thing);
    const body = readPayload(reading.request, payload);
    if (body.kind === 'refused') this.#refuse(topic, body);
    else this.#take(topic, body.request);
  }

  #take(topic: string, request: DeviceRequest): void {
    const isProgress = request.kind === 'update' && request.status === 'IN_PROGRESS';
    if (isProgress && this.#batcher.size >= THROTTLE_ABOVE) {
      const { clientToken } = request;
      this.#refuse(topic, {
        code: 'RequestThrottled',
        message: 'too many requests wait; repeat it later',
        clientToken,
      });
      return;
    }
    this.#batcher.add(this.#judged(request));
    if (this.#batcher.size < PAUSE_ABOVE || this.#isPaused) return;
    this.#isPaused = true;
    this.#deps.broker.pause();
    this.#deps.log.warn({ queued: this.#batcher.size }, 'reading paused until the queue is shorter');
  }

  /** Devices that only come back from an outage ask again as if they had booted. */
  #judged(request: DeviceRequest): DeviceRequest {
    const isReturn = request.kind === 'start-next' && !this.#grace.areAllBack(this.#now());
    return isReturn ? { ...request, countsAsBoot: false } : request;
  }

  #refuse(
    topic: string | null,
    refusal: { readonly code: RejectionCode; readonly message: string; readonly clientToken: string | null },
  ): void {
    this.#refusals.add(refusal.code);
    if (topic === null) return;
    const { code, message, clientToken } = refusal;
    this.#publish(refusalMessage(topic, rejectedBody({ code, message }, clientToken, this.#now())));
  }

  #makeBatcher(): RequestBatcher {
    const { store, isRequestAtFault, hooks, log, complaints } = this.#deps;
    return new RequestBatcher({
      store,
      isRequestAtFault,
      now: this.#now,
      onCommitted: hooks.afterCommit,
      onDone: (request, outcome) => this.#answer(request, outcome),
      onFailed: (request, error) => {
        log.error({ err: error, request }, 'a request could not be applied');
        const { clientToken } = request;
        const answer = rejected({ code: 'InternalError', message: 'the request failed' }, clientToken, this.#now());
        this.#answer(request, { answer, notices: [] });
      },
      onRetry: (error, requests) => complaints.warn('a batch is repeated', error, { requests }),
    });
  }

  #answer(request: DeviceRequest, { answer, notices }: Outcome): void {
    if (this.#isPaused && this.#batcher.size < PAUSE_ABOVE / 2) {
      this.#isPaused = false;
      this.#deps.broker.resume();
    }
    if (request.kind === 'start-next') this.#announcer.begun(request.thing);
    this.#answered += 1;
    if (answer.kind === 'rejected') this.#refusals.add(answer.body.code);
    this.#publish(answerMessage(request, answer));
    for (const notice of notices) this.#publish(noticeMessage(notice));
  }

  #publish(message: Message | null): void {
    if (message !== null && this.#isActive) this.#deps.broker.publish(message);
  }

  async #sweep(): Promise<number> {
    const startedMs = this.#now();
    if (!this.#grace.isOver(startedMs)) return SWEEP_MS;
    const { ended, notices } = await this.#deps.store.sweepDeadlines(startedMs, SWEEP_PAGE);
    for (const notice of notices) this.#publish(noticeMessage(notice));
    if (ended === SWEEP_PAGE) return 0;
    return Math.max(SWEEP_MS, (this.#now() - startedMs) * SWEEP_REST);
  }

  #task(complaint: string, run: () => Promise<number>): RepeatingTask {
    return new RepeatingTask(run, (error) => this.#deps.complaints.warn(complaint, error));
  }
}
