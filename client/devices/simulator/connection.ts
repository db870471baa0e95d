/** One boot's network: an MQTT connection that comes back by itself until the device is switched off. */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'mqtt';
import type { MqttClient } from 'mqtt';
import type { Gate } from './gate.ts';
import { PoweredOff, Requests } from './requests.ts';
import type { Message, Request, Retry } from './requests.ts';
import { readMessage } from './wire.schema.ts';
import type { Answer, Execution } from './wire.schema.ts';

export interface Network {
  readonly mqttUrl: string;
  readonly gate: Gate;
  readonly retry: Retry;
}

export interface Credentials {
  readonly thing: string;
  /** Its thing name when none is given. */
  readonly username?: string | undefined;
  readonly password: string;
}

export interface Hooks {
  readonly onOffer: (execution: Execution | undefined) => void;
  readonly onReconnect: () => void;
  /** The broker refused or could not be reached; the next try is already planned. */
  readonly onFailure: (message: string) => void;
}

const KEEPALIVE_S = 120;
const CONNECT_TIMEOUT_MS = 15_000;
const FIRST_RECONNECT_MS = 100;
const LONGEST_RECONNECT_MS = 5_000;

export class Connection {
  readonly requests: Requests;
  readonly #network: Network;
  readonly #credentials: Credentials;
  readonly #hooks: Hooks;
  readonly #off = new AbortController();
  readonly #firstUp = Promise.withResolvers<void>();
  #client: MqttClient | undefined;
  #wasUp = false;
  #state: 'dialling' | 'up' | 'held' | 'off' = 'dialling';

  constructor(network: Network, credentials: Credentials, hooks: Hooks) {
    this.#network = network;
    this.#credentials = credentials;
    this.#hooks = hooks;
    this.requests = new Requests((message) => this.#publish(message), network.retry);
  }

  /** Resolves when the first connection of this boot hears its answers. Rejects with `PoweredOff` only. */
  async powerOn(): Promise<void> {
    void this.#dialUntilUp(0);
    await this.#firstUp.promise;
  }

  /** Drops the connection as a power loss does: no goodbye, and nobody waits for an answer any more. */
  powerOff(): void {
    this.#state = 'off';
    this.#off.abort();
    this.#client?.end(true);
    this.#firstUp.promise.catch(() => undefined);
    this.#firstUp.reject(new PoweredOff());
    this.requests.abandon();
  }

  /** Cuts the network and keeps it cut; the device runs on and its requests wait. */
  hold(): void {
    if (this.#state === 'off') return;
    this.#state = 'held';
    this.#client?.end(true);
  }

  /** Ends a `hold`. */
  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'dialling';
    this.#comeBack();
  }

  ask(request: Request): Promise<Answer> {
    return this.requests.ask(request);
  }

  #comeBack(): void {
    void this.#dialUntilUp(FIRST_RECONNECT_MS + Math.random() * this.#network.retry.jitterMs);
  }

  async #dialUntilUp(firstWaitMs: number): Promise<void> {
    let waitMs = firstWaitMs;
    let nextMs = FIRST_RECONNECT_MS;
    for (;;) {
      // Ends early, without a complaint, when the power goes.
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#off.signal }).catch(() => undefined);
      if (this.#state !== 'dialling') return;
      if (await this.#network.gate.run(() => this.#dial())) return;
      nextMs = Math.min(nextMs * 2, LONGEST_RECONNECT_MS);
      waitMs = nextMs + Math.random() * this.#network.retry.jitterMs;
    }
  }

  /** One try; true when connected and subscribed. */
  #dial(): Promise<boolean> {
    if (this.#state !== 'dialling') return Promise.resolve(false);
    const { thing, username = thing, password } = this.#credentials;
    const client = connect(this.#network.mqttUrl, {
      clientId: thing,
      username,
      password,
      clean: true,
      protocolVersion: 4,
      reconnectPeriod: 0,
      resubscribe: false,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
    });
    this.#client = client;
    client.on('message', (topic, payload) => this.#receive(topic, payload));
    client.on('error', (cause) => this.#hooks.onFailure(cause.message || String(cause)));
    return new Promise((settle) => {
      client.once('close', () => {
        settle(false);
        this.#lost(client);
      });
      client.once('connect', () => this.#subscribe(client, settle));
    });
  }

  #subscribe(client: MqttClient, settle: (up: boolean) => void): void {
    const jobs = `$aws/things/${this.#credentials.thing}/jobs`;
    const filters = [`${jobs}/start-next/+`, `${jobs}/+/get/+`, `${jobs}/+/update/+`, `${jobs}/notify-next`];
    client.subscribe(filters, { qos: 1 }, (refusal) => {
      if (refusal !== null || this.#state !== 'dialling') return void client.end(true);
      this.#state = 'up';
      settle(true);
      this.requests.resend();
      if (this.#wasUp) this.#hooks.onReconnect();
      this.#wasUp = true;
      this.#firstUp.resolve();
    });
  }

  #lost(client: MqttClient): void {
    if (client !== this.#client || this.#state !== 'up') return;
    this.#state = 'dialling';
    this.#comeBack();
  }

  #receive(topic: string, payload: Uint8Array): void {
    const incoming = readMessage(topic, payload);
    if (incoming.kind === 'answer') this.requests.answer(incoming.token, incoming.answer);
    else if (incoming.kind === 'offer') this.#hooks.onOffer(incoming.execution);
  }

  #publish(message: Message): boolean {
    if (this.#state !== 'up') return false;
    this.#client?.publish(message.topic, message.payload, { qos: 1 });
    return true;
  }
}
