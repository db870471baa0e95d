/** Fetches a firmware image as a device does: by its own credentials, going on after a cut where it stopped. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { Credentials } from './connection.ts';
import type { Retry } from './requests.ts';
import type { Artifact } from './wire.schema.ts';

export type DownloadVerdict = 'intact' | 'download-failed' | 'checksum-mismatch';

/** What a cut download keeps until it goes on. The image itself is not kept: its running hash is as good and 10,000 fit. */
interface Received {
  hash: Hash;
  bytes: number;
}

/** How one HTTP exchange ended: with all the server had, cut short, or with an answer no repetition will change. */
type Exchange = 'ended' | 'cut' | 'refused' | 'no-more-bytes';

const CONNECTIONS = 32;
const LONGEST_WAIT_MS = 10_000;
const GIVE_UP_AFTER_MS = 300_000;

export class Downloader {
  readonly #agent = new Agent({ connections: CONNECTIONS, headersTimeout: 30_000, bodyTimeout: 30_000 });
  readonly #retry: Retry;
  resumed = 0;

  constructor(retry: Retry) {
    this.#retry = retry;
  }

  /**
   * `intact` when the bytes have the promised size and SHA-256. Network faults and 5xx are retried until five minutes
   * brought no byte; other refusals of the server are final. Rejects only when `signal` aborts.
   */
  async fetch(artifact: Artifact, credentials: Credentials, signal: AbortSignal): Promise<DownloadVerdict> {
    const received: Received = { hash: createHash('sha256'), bytes: 0 };
    let [mostBytes, progressAt, fruitless] = [0, Date.now(), 0];
    for (;;) {
      const exchange = await this.#exchange(artifact, credentials, received, signal);
      if (exchange === 'refused') return 'download-failed';
      if (exchange === 'no-more-bytes' || received.bytes >= artifact.size) return judge(received, artifact);
      if (received.bytes > mostBytes) [mostBytes, progressAt, fruitless] = [received.bytes, Date.now(), 0];
      if (Date.now() - progressAt > GIVE_UP_AFTER_MS) return 'download-failed';
      const waitMs = Math.min(this.#retry.firstMs * 2 ** fruitless++, LONGEST_WAIT_MS);
      await sleep(waitMs + Math.random() * this.#retry.jitterMs, undefined, { signal });
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #exchange(
    artifact: Artifact,
    { thing, username = thing, password }: Credentials,
    received: Received,
    signal: AbortSignal,
  ): Promise<Exchange> {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const from = received.bytes;
    const range = from > 0 ? { range: `bytes=${from}-` } : {};
    try {
      const response = await request(artifact.url, {
        dispatcher: this.#agent,
        headers: { authorization, ...range },
        signal,
      });
      const status = statusKind(response.statusCode);
      if (status !== 'body') {
        await response.body.dump();
        return status;
      }
      if (from > 0 && continuesAt(response) !== from) restart(received);
      else if (from > 0) this.resumed++;
      return await pour(response, received, artifact.size);
    } catch (cause) {
      if (signal.aborted) throw cause;
      return 'cut';
    }
  }
}

async function pour(response: Dispatcher.ResponseData, received: Received, size: number): Promise<Exchange> {
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    received.hash.update(chunk);
    received.bytes += chunk.length;
    // Leaving the loop closes the response: a server that sends more than it promised is not listened to.
    if (received.bytes > size) return 'ended';
  }
  return 'ended';
}

function statusKind(statusCode: number): 'body' | Exclude<Exchange, 'ended'> {
  if (statusCode === 200 || statusCode === 206) return 'body';
  if (statusCode === 416) return 'no-more-bytes';
  return statusCode >= 500 || statusCode === 408 || statusCode === 429 ? 'cut' : 'refused';
}

function continuesAt(response: Dispatcher.ResponseData): number {
  const start = /^bytes (\d+)-/.exec(String(response.headers['content-range'] ?? ''))?.[1];
  return response.statusCode === 206 && start !== undefined ? Number(start) : 0;
}

/** The server does not go on where the device stopped, so the device takes the image from its first byte. */
function restart(received: Received): void {
  received.hash = createHash('sha256');
  received.bytes = 0;
}

function judge(received: Received, artifact: Artifact): DownloadVerdict {
  const complete = received.bytes === artifact.size;
  return complete && received.hash.digest('hex') === artifact.sha256 ? 'intact' : 'checksum-mismatch';
}
