import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  proxyActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { coordinatorIdOf } from '#domain/coordination/coordinator-input.ts';
import type { Pin } from '#domain/coordination/holds.ts';
import type { Claim, PlaceStanding, RunPlaceView } from '#domain/coordination/place.ts';
import type { EnvironmentActivities } from '#domain/ports/environment.port.ts';
import { placeGranted, placeSignals, runPlace } from '../environments/environment.messages.ts';
import { now } from './clock.ts';
import { surveying } from './profiles.ts';
import type { RunRecord } from './run-record.ts';

/** Between two tries to reach a coordinator that was started and is gone again. */
const AGAIN_MS = 1_000;

type Asking = 'askForPlace' | 'resumePlace';

/**
 * The run's place in its environment. A run that was started without a wish for one (before there were coordinators) holds
 * its environment as it did then, and none of this costs it an event.
 */
export class Place {
  readonly #record: RunRecord;
  /** Set by the first step that may change something. */
  hasActed = false;
  #standing: PlaceStanding = 'none';
  #since = now();
  #request = 0;
  /** The coordinator knows of the present question: one that was cut short is asked again. */
  #isHeard = false;
  /** The freeze that it said it may pass. */
  #saidPass: number | null = null;
  #pin: Pin | null = null;

  constructor(record: RunRecord) {
    this.#record = record;
    setHandler(runPlace, () => this.#view(), { description: 'How the run stands with its environment' });
    setHandler(placeGranted, ({ request }) => {
      if (request === this.#request && this.isAsking) this.#stand('held');
    });
  }

  /** True while it waits for its turn. */
  get isAsking(): boolean {
    return this.#standing === 'queued' || this.#standing === 'resuming';
  }

  /** False for a run that was started without a wish for one. */
  get isWanted(): boolean {
    return this.#record.input.place !== undefined;
  }

  get isMissing(): boolean {
    return this.isWanted && this.#standing !== 'held';
  }

  /** Waits until the run may act; asks again only when it has not asked yet. */
  async enter(): Promise<void> {
    if (!this.isMissing) return;
    const isBack = this.#standing === 'resting' || this.#standing === 'resuming';
    const how = isBack ? 'resumePlace' : 'askForPlace';
    if (!this.#isHeard) await this.#askFor(how);
    do {
      await condition(() => this.#standing === 'held' || this.#maySayMore);
      if (this.isMissing) await this.#askFor(how);
    } while (this.isMissing);
  }

  /** Lets others go first while this run waits for people or for its time; `hasBegun`: its subject stays its own. */
  async stepAside(hasBegun: boolean): Promise<void> {
    if (this.#standing === 'none' || this.#standing === 'resting') return;
    const keeps = hasBegun || this.#standing === 'resuming';
    this.#isHeard = false;
    this.#stand(keeps ? 'resting' : 'none');
    // Where nobody hears it, who makes up the books anew asks the run itself.
    if (keeps) await this.#isTold('restPlace');
    else await this.#giveBack();
  }

  /** The run is over and went back to something that stays: its coordinator hears of it with the place. */
  pin(pin: Pin): void {
    this.#pin = pin;
  }

  /** The run is over. A coordinator that is gone learns it from the survey of its successor. */
  async leave(): Promise<void> {
    if (this.#standing === 'none') return;
    this.#stand('none');
    await this.#giveBack();
  }

  /** Somebody let it pass a freeze while it waited. */
  get #maySayMore(): boolean {
    return this.#record.freezePassed !== this.#saidPass;
  }

  #view(): RunPlaceView {
    const [pin, passesFreeze] = [this.#pin, this.#record.freezePassed];
    return {
      standing: this.#standing,
      request: this.#request,
      since: this.#since,
      ...(passesFreeze !== null && { passesFreeze }),
      ...(pin !== null && { pin }),
    };
  }

  #stand(standing: PlaceStanding): void {
    this.#standing = standing;
    this.#since = now();
  }

  async #askFor(how: Asking): Promise<void> {
    this.#request += 1;
    this.#stand(how === 'askForPlace' ? 'queued' : 'resuming');
    await this.#ask(how);
    this.#isHeard = true;
  }

  async #giveBack(): Promise<void> {
    const { run } = this.#record.input;
    await CancellationScope.nonCancellable(() =>
      this.#coordinator()
        .signal(placeSignals.giveBackPlace, this.#pin === null ? { run } : { run, pin: this.#pin })
        .catch(() => undefined),
    );
  }

  /** Asks the coordinator; one that is not there is started first. Whoever cuts it short steps aside or leaves, and asks anew. */
  async #ask(how: Asking): Promise<void> {
    for (let tries = 0; !(await this.#isTold(how)); tries += 1) {
      if (tries > 0) await sleep(AGAIN_MS, { summary: 'the coordinator was away: try again' });
      await this.#openCoordinator();
    }
  }

  /** False when there is no coordinator. Never cut short: what was half told would be waited for. */
  #isTold(how: Asking | 'restPlace'): Promise<boolean> {
    const claim = this.#claim();
    return CancellationScope.nonCancellable(() =>
      this.#coordinator()
        .signal(placeSignals[how], claim)
        .then(
          () => true,
          () => false,
        ),
    );
  }

  async #openCoordinator(): Promise<void> {
    const { queues, plan } = this.#record.input;
    const { openCoordinator } = proxyActivities<EnvironmentActivities>({
      ...surveying,
      taskQueue: queues.data,
      summary: 'open the coordinator of the environment',
    });
    const { taskQueue } = workflowInfo();
    await openCoordinator({ environment: plan.environment.name, queues: { data: queues.data }, taskQueue });
  }

  #coordinator() {
    return getExternalWorkflowHandle(coordinatorIdOf(this.#record.input.plan.environment.name));
  }

  #claim(): Claim {
    const { place, run } = this.#record.input;
    if (!place) throw new Error('a run without a wish for a place asks for none');
    const passesFreeze = this.#record.freezePassed;
    this.#saidPass = passesFreeze;
    const asked = { run, workflowId: workflowInfo().workflowId, request: this.#request, since: this.#since };
    return { ...place, ...(passesFreeze !== null && { passesFreeze }), ...asked };
  }
}
