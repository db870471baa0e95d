// Many devices in one process that begin their jobs as soon as they hear of them, end them when they may, and repeat what
// is not answered.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';

export interface CrowdOptions {
  readonly url: string;
  readonly key: Buffer;
  readonly things: readonly string[];
  /** First wait for an answer; doubled at each repeat up to eight times that. */
  readonly repeatMs: number;
  /** A device that may end its job takes up to so long for it. */
  readonly workMs: number;
}

/** What a device tells its crowd, and asks of it. */
interface CrowdHooks {
  readonly onRepeat: () => void;
  /** Resolves when the device may end its job. */
  readonly mayFinish: () => Promise<void>;
}

interface Asked {
  readonly rest: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: string;
  timer: NodeJS.Timeout | null;
}

interface Answer {
  readonly clientToken?: string;
  readonly code?: string;
  readonly execution?: { readonly jobId?: string; readonly versionNumber?: number };
  readonly executionState?: { readonly versionNumber: number };
}

/** Start-next → IN_PROGRESS → SUCCEEDED, one request at a time. */
class CrowdDevice {
  readonly client: MqttClient;
  readonly #thing: string;
  readonly #repeatMs: number;
  readonly #workMs: number;
  #isWorking = false;
  #isClosed = false;
  readonly #hooks: CrowdHooks;
  #asked: Asked | null = null;
  #hasMore = false;

  constructor(thing: string, options: CrowdOptions, hooks: CrowdHooks) {
    this.#thing = thing;
    this.#repeatMs = options.repeatMs;
    this.#workMs = options.workMs;
    this.#hooks = hooks;
    this.client = connect(options.url, {
      clientId: thing,
      username: thing,
      password: devicePassword(options.key, thing),
      clean: true,
      resubscribe: false,
      reconnectPeriod: 100 + Math.random() * 400,
    });
    const prefix = `$aws/things/${thing}/jobs`;
    const filters = [`${prefix}/notify-next`, `${prefix}/start-next/+`, `${prefix}/+/update/+`];
    this.client.on('connect', () => {
      this.client.subscribe(filters, { qos: 1 }, () => this.#look());
    });
    this.client.on('error', () => undefined);
    this.client.on('message', (topic, payload) => this.#hear(topic, JSON.parse(payload.toString()) as Answer));
  }

  #look(): void {
    this.#hasMore = true;
    if (this.#asked === null && !this.#isWorking) this.#ask('start-next', {});
  }

  #ask(rest: string, body: Readonly<Record<string, unknown>>): void {
    this.#hasMore = rest === 'start-next' ? false : this.#hasMore;
    this.#asked = { rest, body, token: randomUUID(), timer: null };
    this.#send(this.#asked, this.#repeatMs);
  }

  #send(asked: Asked, waitMs: number): void {
    const payload = JSON.stringify({ ...asked.body, clientToken: asked.token });
    if (this.client.connected)
      this.client.publish(`$aws/things/${this.#thing}/jobs/${asked.rest}`, payload, { qos: 1 });
    asked.timer = setTimeout(() => {
      this.#hooks.onRepeat();
      this.#send(asked, Math.min(waitMs * 2, this.#repeatMs * 8));
    }, waitMs);
  }

  #hear(topic: string, answer: Answer): void {
    if (topic.endsWith('/notify-next')) {
      if (answer.execution?.jobId !== undefined) this.#look();
      return;
    }
    const asked = this.#asked;
    if (asked === null || answer.clientToken !== asked.token) return;
    if (asked.timer) clearTimeout(asked.timer);
    this.#asked = null;
    this.#next(asked, answer, topic.endsWith('/rejected'));
  }

  #next(asked: Asked, answer: Answer, isRejected: boolean): void {
    if (asked.rest === 'start-next') {
      const { jobId, versionNumber } = answer.execution ?? {};
      if (jobId !== undefined) this.#ask(`${jobId}/update`, { status: 'IN_PROGRESS', expectedVersion: versionNumber });
      else if (this.#hasMore) this.#look();
      return;
    }
    if (!isRejected && asked.body['status'] === 'IN_PROGRESS') {
      void this.#finish(asked.rest, Number(asked.body['expectedVersion']) + 1);
      return;
    }
    // Done, or overtaken by an earlier try of its own: whatever is still to do comes with the next start.
    this.#look();
  }

  async #finish(rest: string, expectedVersion: number): Promise<void> {
    this.#isWorking = true;
    await this.#hooks.mayFinish();
    await sleep(Math.random() * this.#workMs, undefined, { ref: false });
    this.#isWorking = false;
    if (!this.#isClosed) this.#ask(rest, { status: 'SUCCEEDED', expectedVersion });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#asked?.timer) clearTimeout(this.#asked.timer);
    await this.client.endAsync(true);
  }
}

export class DeviceCrowd {
  readonly #devices: readonly CrowdDevice[];
  /** Resolved for those that may end their job. */
  readonly #finishing: readonly PromiseWithResolvers<void>[];
  repeats = 0;

  constructor(options: CrowdOptions) {
    this.#finishing = options.things.map(() => Promise.withResolvers<void>());
    this.#devices = this.#finishing.map(({ promise }, index) => {
      const hooks = { onRepeat: () => (this.repeats += 1), mayFinish: () => promise };
      return new CrowdDevice(options.things[index] ?? '', options, hooks);
    });
  }

  /** Lets the first `count` devices end their jobs; the others begin theirs and wait. */
  letFinish(count: number): void {
    for (const { resolve } of this.#finishing.slice(0, count)) resolve();
  }

  get connected(): number {
    return this.#devices.filter(({ client }) => client.connected).length;
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.close()));
  }
}
