// Many devices in one process that do their jobs as soon as they hear of them, and repeat what is not answered.
import { randomUUID } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';

export interface CrowdOptions {
  readonly url: string;
  readonly key: Buffer;
  readonly things: readonly string[];
  /** First wait for an answer; doubled at each repeat up to eight times that. */
  readonly repeatMs: number;
  /** A device works up to so long on its job. */
  readonly workMs: number;
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
  #work: NodeJS.Timeout | null = null;
  readonly #onRepeat: () => void;
  #asked: Asked | null = null;
  #hasMore = false;

  constructor(thing: string, options: CrowdOptions, onRepeat: () => void) {
    this.#thing = thing;
    this.#repeatMs = options.repeatMs;
    this.#workMs = options.workMs;
    this.#onRepeat = onRepeat;
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
    if (this.#asked === null && this.#work === null) this.#ask('start-next', {});
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
      this.#onRepeat();
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
      const expectedVersion = Number(asked.body['expectedVersion']) + 1;
      this.#work = setTimeout(() => {
        this.#work = null;
        this.#ask(asked.rest, { status: 'SUCCEEDED', expectedVersion });
      }, Math.random() * this.#workMs);
      return;
    }
    // Done, or overtaken by an earlier try of its own: whatever is still to do comes with the next start.
    this.#look();
  }

  async close(): Promise<void> {
    if (this.#asked?.timer) clearTimeout(this.#asked.timer);
    if (this.#work) clearTimeout(this.#work);
    await this.client.endAsync(true);
  }
}

export class DeviceCrowd {
  readonly #devices: readonly CrowdDevice[];
  repeats = 0;

  constructor(options: CrowdOptions) {
    this.#devices = options.things.map((thing) => new CrowdDevice(thing, options, () => (this.repeats += 1)));
  }

  get connected(): number {
    return this.#devices.filter(({ client }) => client.connected).length;
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.close()));
  }
}
