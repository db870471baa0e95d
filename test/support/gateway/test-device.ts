// A device's connection in a test: asks, waits for the answer that carries its token, keeps what is pushed.
import { randomUUID } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { devicePassword, deviceUser } from '../../../activities/adapters/mqtt/credentials.ts';

export interface DeviceMessage {
  readonly topic: string;
  readonly body: Record<string, unknown>;
}

const DEADLINE_MS = 15_000;

export class TestDevice {
  readonly thing: string;
  readonly client: MqttClient;
  readonly #received: DeviceMessage[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(thing: string, client: MqttClient) {
    this.thing = thing;
    this.client = client;
    client.on('message', (topic, payload) => {
      this.#received.push({ topic, body: JSON.parse(payload.toString()) as Record<string, unknown> });
      for (const check of this.#waiting) check();
    });
  }

  /** Connected, and subscribed to all that is below its name, or to `filters`. */
  static async connect(
    url: string,
    { thing, key, filters = [`$aws/things/${thing}/#`] }: { thing: string; key: Buffer; filters?: string[] },
  ): Promise<TestDevice> {
    const options = {
      clientId: thing,
      username: deviceUser(thing),
      password: devicePassword(key, thing),
      reconnectPeriod: 100,
    };
    const client = await connectAsync(url, { ...options, protocolVersion: 4, connectTimeout: 5_000 });
    const device = new TestDevice(thing, client);
    await client.subscribeAsync(filters, { qos: 1 });
    return device;
  }

  get received(): readonly DeviceMessage[] {
    return this.#received;
  }

  /** Publishes on `jobs/<rest>` and gives the answer with this request's token. */
  async ask(rest: string, body: object = {}): Promise<DeviceMessage> {
    const clientToken = 'clientToken' in body ? body.clientToken : randomUUID();
    return this.askOn(
      `$aws/things/${this.thing}/jobs/${rest}`,
      JSON.stringify({ clientToken, ...body }),
      (message) => message.body['clientToken'] === clientToken,
    );
  }

  /** Publishes any payload on any topic and gives the first answer to it that comes after. */
  async askOn(
    topic: string,
    payload: string | Buffer,
    isMine: (message: DeviceMessage) => boolean = () => true,
  ): Promise<DeviceMessage> {
    const from = this.#received.length;
    await this.client.publishAsync(topic, payload, { qos: 1 });
    const answers = [`${topic}/accepted`, `${topic}/rejected`];
    return this.until((message) => answers.includes(message.topic) && isMine(message), from);
  }

  /** The first message, from number `from` on, that fits; waits for it. */
  async until(fits: (message: DeviceMessage) => boolean, from = 0): Promise<DeviceMessage> {
    let found = this.#received.slice(from).find(fits);
    if (found !== undefined) return found;
    await new Promise<void>((resolve, reject) => {
      const check = () => {
        found = this.#received.slice(from).find(fits);
        if (found === undefined) return;
        done();
        resolve();
      };
      const deadline = setTimeout(() => {
        done();
        const seen = this.#received.slice(from).map(({ topic }) => topic);
        reject(new Error(`${this.thing} got no such message in ${DEADLINE_MS} ms, only: ${seen.join(', ')}`));
      }, DEADLINE_MS);
      const done = () => {
        this.#waiting.delete(check);
        clearTimeout(deadline);
      };
      this.#waiting.add(check);
    });
    if (found === undefined) throw new Error('found and lost');
    return found;
  }

  /** The next push on `jobs/<rest>` after message number `from`. */
  notice(rest: 'notify' | 'notify-next', from = 0): Promise<DeviceMessage> {
    return this.until(({ topic }) => topic === `$aws/things/${this.thing}/jobs/${rest}`, from);
  }

  async close(): Promise<void> {
    await this.client.endAsync(true);
  }
}
