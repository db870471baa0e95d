import type { Duplex } from 'node:stream';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { GATEWAY_USER } from '../../../activities/adapters/mqtt/credentials.ts';
import { REQUEST_FILTERS } from '../../../activities/adapters/mqtt/topics.ts';
import type { Message } from './reply.ts';

const RECONNECT_MS = 100;
const CONNECT_TIMEOUT_MS = 5_000;
const KEEPALIVE_S = 30;
const CLOSE_TIMEOUT_MS = 1_000;
/** How long an acknowledgement may wait for others: sent one by one they cost more than the answers. */
const GATHER_ACKS_MS = 10;

export interface BrokerSessionOptions {
  readonly url: string;
  readonly password: string;
  readonly onMessage: (topic: string, payload: Uint8Array) => void;
  /** Connected and subscribed: devices are heard from now on. */
  readonly onReady: () => void;
  readonly onLost: () => void;
  readonly onError: (error: Error) => void;
}

/** The gateway's connection to its broker: clean sessions, QoS 1 both ways, back 100 ms after a loss. */
export class BrokerSession {
  readonly #client: MqttClient;
  readonly #options: BrokerSessionOptions;
  #isReady = false;
  #isPaused = false;
  /** Ends the wait of the message that met the pause. */
  #proceed: (() => void) | null = null;
  /** The stream that holds back what is written to it, until it is let go. */
  #gathering: Duplex | null = null;
  /** Lets it go when no answer does; null as well when an answer is about to. */
  #letGoTimer: NodeJS.Timeout | null = null;

  constructor(options: BrokerSessionOptions) {
    this.#options = options;
    this.#client = connect(options.url, clientOptions(options));
    // Instead of 'message' events, because its callback is what holds the stream back while paused.
    this.#client.handleMessage = (packet, done) => {
      // First, so that an answer from within the handler lets go what is held back.
      this.#gather();
      // A retained request is as old as it likes.
      if (!packet.retain) options.onMessage(packet.topic, asBytes(packet.payload));
      if (this.#isPaused) this.#proceed = done;
      else done();
    };
    this.#client.on('connect', () => void this.#subscribe());
    this.#client.on('close', () => this.#lose());
    this.#client.on('error', options.onError);
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Dropped while there is no connection, since nobody would be subscribed after it. */
  publish({ topic, payload, qos }: Message): void {
    if (!this.#isReady) return;
    this.#client.publish(topic, payload, { qos });
    if (this.#letGoTimer === null) return;
    // Once for all answers of a batch, after the last one.
    clearTimeout(this.#letGoTimer);
    this.#letGoTimer = null;
    setImmediate(() => this.#letGo());
  }

  /** Reads no further message; the broker keeps them meanwhile. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#proceed?.();
    this.#proceed = null;
  }

  /** Ends the connection, after what was sent is acknowledged or a second has passed. */
  async close(): Promise<void> {
    this.resume();
    const force = setTimeout(() => this.#client.end(true), CLOSE_TIMEOUT_MS);
    await this.#client.endAsync(!this.#isReady);
    clearTimeout(force);
  }

  #gather(): void {
    if (this.#gathering !== null) return;
    this.#gathering = this.#client.stream;
    this.#gathering.cork();
    this.#letGoTimer = setTimeout(() => this.#letGo(), GATHER_ACKS_MS);
  }

  #letGo(): void {
    this.#letGoTimer = null;
    this.#gathering?.uncork();
    this.#gathering = null;
  }

  async #subscribe(): Promise<void> {
    try {
      const granted = await this.#client.subscribeAsync([...REQUEST_FILTERS], { qos: 1 });
      if (granted.some(({ qos }) => qos > 2)) throw new Error('the broker refused the gateway’s subscriptions');
      this.#isReady = true;
      this.#options.onReady();
    } catch (error) {
      // Lost in the middle, or refused: the next connection tries again.
      this.#options.onError(error instanceof Error ? error : new Error(String(error)));
      this.#client.reconnect();
    }
  }

  #lose(): void {
    // Its stream is gone, and a callback kept would never be called by anybody.
    this.#proceed?.();
    this.#proceed = null;
    if (!this.#isReady) return;
    this.#isReady = false;
    this.#options.onLost();
  }
}

const clientOptions = ({ password }: BrokerSessionOptions): IClientOptions => ({
  clientId: GATEWAY_USER,
  username: GATEWAY_USER,
  password,
  protocolVersion: 4,
  clean: true,
  resubscribe: false,
  reconnectPeriod: RECONNECT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  keepalive: KEEPALIVE_S,
  // The library writes a line for each step of each packet, also when nobody reads them.
  log: () => undefined,
});

const asBytes = (payload: string | Uint8Array): Uint8Array =>
  typeof payload === 'string' ? Buffer.from(payload) : payload;
