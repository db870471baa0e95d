// A device that does nothing but talk: notify-next → start-next → IN_PROGRESS → SUCCEEDED, QoS 1 both ways.
import { connect, type MqttClient } from 'mqtt';
import { devicePassword } from '../../../activities/adapters/mqtt/credentials.ts';

/** What a crowd's devices tell it. */
export interface DeviceEvents {
  readonly onConnected: () => void;
  /** The device heard of a job that it had not heard of before. */
  readonly onJob: () => void;
  readonly onAnswer: (latencyMs: number) => void;
  readonly onDone: () => void;
}

interface Asked {
  readonly topic: string;
  readonly payload: string;
  readonly token: string;
  readonly at: number;
  repeats: number;
}

interface Answer {
  readonly clientToken?: string;
  readonly code?: string;
  readonly execution?: { readonly jobId?: string; readonly versionNumber?: number };
}

const FIRST_REPEAT_MS = 3_000;
const KEEPALIVE_S = 600;

export class ThinDevice {
  readonly #client: MqttClient;
  readonly #prefix: string;
  readonly #events: DeviceEvents;
  #job = '';
  #version = 0;
  #step: 'starting' | 'installing' | 'confirming' = 'starting';
  #asked: Asked | null = null;
  #asks = 0;

  constructor(url: string, thing: string, key: Buffer, events: DeviceEvents) {
    this.#prefix = `$aws/things/${thing}/jobs`;
    this.#events = events;
    this.#client = connect(url, {
      clientId: thing,
      username: thing,
      password: devicePassword(key, thing),
      keepalive: KEEPALIVE_S,
      resubscribe: false,
      log: () => undefined,
      reconnectPeriod: 500 + Math.random() * 1_000,
    });
    const filters = ['notify-next', 'start-next/+', '+/update/+'].map((rest) => `${this.#prefix}/${rest}`);
    this.#client.on('connect', () => this.#client.subscribe(filters, { qos: 1 }, () => events.onConnected()));
    this.#client.on('error', () => undefined);
    this.#client.on('message', (topic, payload) => this.#hear(topic, JSON.parse(payload.toString()) as Answer));
  }

  /** Sends again, with the same token, what has waited too long for its answer. True when it did. */
  repeat(now: number): boolean {
    const asked = this.#asked;
    if (asked === null || now - asked.at < FIRST_REPEAT_MS * (2 ** (asked.repeats + 1) - 1)) return false;
    asked.repeats += 1;
    this.#client.publish(asked.topic, asked.payload, { qos: 1 });
    return true;
  }

  close(): void {
    this.#client.end(true);
  }

  #hear(topic: string, answer: Answer): void {
    if (topic.endsWith('/notify-next')) this.#offer(answer.execution?.jobId);
    else this.#answered(answer, topic.endsWith('/accepted'));
  }

  #offer(jobId: string | undefined): void {
    if (jobId === undefined || jobId === this.#job) return;
    this.#job = jobId;
    this.#events.onJob();
    this.#step = 'starting';
    this.#ask('start-next', {});
  }

  #answered(answer: Answer, isAccepted: boolean): void {
    const asked = this.#asked;
    if (asked === null || answer.clientToken !== asked.token) return;
    // Sent again later, as if nothing had come.
    if (answer.code === 'RequestThrottled') return;
    this.#asked = null;
    this.#events.onAnswer(performance.now() - asked.at);
    if (!isAccepted) throw new Error(`${asked.topic} was refused: ${answer.code}`);
    const update = `${this.#job}/update`;
    if (this.#step === 'starting') {
      this.#version = answer.execution?.versionNumber ?? 0;
      this.#step = 'installing';
      const statusDetails = { step: 'installing' };
      this.#ask(update, { status: 'IN_PROGRESS', statusDetails, expectedVersion: this.#version });
    } else if (this.#step === 'installing') {
      this.#step = 'confirming';
      this.#ask(update, { status: 'SUCCEEDED', expectedVersion: this.#version + 1 });
    } else {
      this.#events.onDone();
    }
  }

  #ask(rest: string, body: object): void {
    this.#asks += 1;
    const token = `${this.#asks}-${this.#job}`;
    const topic = `${this.#prefix}/${rest}`;
    const payload = JSON.stringify({ ...body, clientToken: token });
    this.#asked = { topic, payload, token, at: performance.now(), repeats: 0 };
    this.#client.publish(topic, payload, { qos: 1 });
  }
}
