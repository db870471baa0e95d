import { randomBytes } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import { causeOf } from '#domain/errors/cause-of.ts';

/** What one look at a broker's topic saw. */
export type MqttLook =
  | { readonly kind: 'heard'; readonly bytes: number; readonly tookMs: number }
  | { readonly kind: 'silent'; readonly why: string; readonly tookMs: number };

export interface MqttQuestion {
  readonly broker: string;
  readonly topic: string;
  readonly timeoutMs: number;
  readonly credentials: { readonly username: string; readonly password: string } | null;
  readonly signal: AbortSignal;
}

/**
 * Healthy means that messages get through: subscribes to the topic, publishes a probe to it, and waits for any message
 * there, the probe or somebody else's, for `timeoutMs` in all. A topic with wildcards cannot be published to; there it
 * only listens. The probe is `{"probe":"<random>"}`, not retained.
 */
export async function askMqtt(question: MqttQuestion): Promise<MqttLook> {
  const startedAt = performance.now();
  const took = (): number => Math.round(performance.now() - startedAt);
  const limit = AbortSignal.timeout(question.timeoutMs);
  const ended = AbortSignal.any([question.signal, limit]);
  let client: MqttClient | undefined;
  try {
    client = await connect(question);
    const bytes = await firstMessage(client, question.topic, ended);
    return { kind: 'heard', bytes, tookMs: took() };
  } catch (error) {
    question.signal.throwIfAborted();
    const why = limit.aborted ? `no message on ${question.topic} within ${question.timeoutMs} ms` : causeOf(error);
    return { kind: 'silent', why, tookMs: took() };
  } finally {
    client?.end(true);
  }
}

async function connect({ broker, timeoutMs, credentials }: MqttQuestion): Promise<MqttClient> {
  const client = await connectAsync(broker, {
    clientId: `sluice-check-${randomBytes(6).toString('hex')}`,
    connectTimeout: timeoutMs,
    reconnectPeriod: 0,
    ...credentials,
  });
  // Nobody listens between two calls; unheard, a lost connection would end the process.
  client.on('error', () => undefined);
  return client;
}

async function firstMessage(client: MqttClient, topic: string, ended: AbortSignal): Promise<number> {
  const heard = new Promise<number>((resolve, reject) => {
    client.once('message', (_topic, payload) => resolve(payload.byteLength));
    client.once('close', () => reject(new Error('the broker closed the connection')));
    ended.addEventListener('abort', () => reject(new Error('time is over')), { once: true });
    if (ended.aborted) reject(new Error('time is over'));
  });
  // Subscribing and publishing may never be answered either.
  heard.catch(() => undefined);
  await Promise.race([probe(client, topic), heard]);
  return heard;
}

async function probe(client: MqttClient, topic: string): Promise<void> {
  const [granted] = await client.subscribeAsync(topic, { qos: 1 });
  if (granted !== undefined && granted.qos > 2) throw new Error(`the broker refused to subscribe ${topic}`);
  if (/[#+]/.test(topic)) return;
  await client.publishAsync(topic, JSON.stringify({ probe: randomBytes(8).toString('hex') }), { qos: 1 });
}
