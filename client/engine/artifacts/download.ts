/** Firmware bytes from an http(s) address: exactly those of the server, or an error. */
import { Agent, request, type Dispatcher } from 'undici';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import { asUnreadable, tooLarge, unreadable } from './source-errors.ts';
import { StallWatch } from './stall-watch.ts';

export interface DownloadLimits {
  readonly maxSizeBytes: number;
  /** Time to be connected, TLS included. */
  readonly connectMs: number;
  /** Time without an answer, or with hardly a byte of one, after which it is given up. */
  readonly stallMs: number;
}

export interface Download {
  readonly source: ArtifactSource & { kind: 'url' };
  /** As the server announced it; null when it did not. */
  readonly sizeBytes: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const PAGE = /^(text\/html|application\/xhtml\+xml)\b/i;

/**
 * Asks `url` and whatever it redirects to; the result is an answer whose body has just begun. Its `bytes` throw
 * ARTIFACT_UNREADABLE when it breaks off or stalls. Without `isHashKnown` a page is refused: it is a sign-in, no firmware.
 * Throws ARTIFACT_UNREADABLE and ARTIFACT_TOO_LARGE.
 */
export async function openDownload(url: URL, limits: DownloadLimits, isHashKnown: boolean): Promise<Download> {
  const shown = shownUrl(url);
  const agent = new Agent({ connect: { timeout: limits.connectMs }, headersTimeout: 0, bodyTimeout: 0 });
  const controller = new AbortController();
  const seconds = limits.stallMs / 1000;
  const watch = new StallWatch(limits.stallMs, () =>
    controller.abort(
      unreadable(shown, `hardly a byte came for ${seconds} s`, {
        hint: 'try again, or fetch it yourself and give the file',
      }),
    ),
  );
  const close = async (): Promise<void> => {
    watch.stop();
    await agent.destroy();
  };
  try {
    const { finalUrl, answer } = await follow(url, { dispatcher: agent, signal: controller.signal });
    const sizeBytes = judgeAnswer(answer, { shown, finalUrl, limits, isHashKnown });
    const source = { kind: 'url', url: shown, finalUrl: shownUrl(finalUrl) } as const;
    return { source, sizeBytes, bytes: watched(answer.body, watch), close };
  } catch (error) {
    await close();
    throw asUnreadable(shown, error);
  }
}

type Asking = Required<Pick<Dispatcher.RequestOptions, 'signal'>> & { readonly dispatcher: Dispatcher };

async function follow(first: URL, asking: Asking): Promise<{ finalUrl: URL; answer: Dispatcher.ResponseData }> {
  let url = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    // A server may pack what it sends only if it is asked to; firmware is stored as its maker published it.
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    // Only who was meant gets the password, not who it sends us to.
    if (first.username !== '' && url.origin === first.origin) headers['authorization'] = basicAuth(first);
    const answer = await request(new URL(url.pathname + url.search, url.origin), { ...asking, headers });
    // Heard by nobody, the end of a body that is not read would end the process.
    answer.body.on('error', () => undefined);
    if (!REDIRECTS.has(answer.statusCode)) return { finalUrl: url, answer };
    answer.body.destroy();
    url = nextOf(url, answer, first);
  }
  throw unreadable(shownUrl(first), `it redirects more than ${MOST_REDIRECTS} times, last to ${shownUrl(url)}`);
}

function nextOf(url: URL, { statusCode, headers }: Dispatcher.ResponseData, first: URL): URL {
  const refuse = (why: string) => unreadable(shownUrl(first), `${shownUrl(url)} answers ${statusCode} ${why}`);
  const next = URL.parse(textOf(headers['location']), url.href);
  if (headers['location'] === undefined || next === null) throw refuse('without a place to go to');
  if (!['http:', 'https:'].includes(next.protocol)) throw refuse(`to ${next.protocol}, which is no http(s)`);
  if (url.protocol === 'https:' && next.protocol === 'http:') throw refuse(`to ${shownUrl(next)}, out of https`);
  return next;
}

interface Asked {
  readonly shown: string;
  readonly finalUrl: URL;
  readonly limits: DownloadLimits;
  readonly isHashKnown: boolean;
}

/** The announced size. Throws when the answer cannot be the firmware. */
function judgeAnswer(answer: Dispatcher.ResponseData, { shown, finalUrl, limits, isHashKnown }: Asked): number | null {
  const { statusCode, headers } = answer;
  const refuse = (why: string, hint?: string) => {
    const via = shownUrl(finalUrl) === shown ? '' : ` (from ${shownUrl(finalUrl)})`;
    return unreadable(shown, why + via, hint === undefined ? {} : { hint });
  };
  if (statusCode !== 200) throw refuse(`the answer is ${statusCode} ${answer.statusText}`.trim());
  const encoding = textOf(headers['content-encoding']);
  if (encoding !== '' && encoding.toLowerCase() !== 'identity')
    throw refuse(
      `the answer is packed (${encoding}), though that was not asked for`,
      'fetch it yourself and give the file',
    );
  const type = textOf(headers['content-type']);
  if (PAGE.test(type) && !isHashKnown)
    throw refuse(
      `the answer is a page (${type}), perhaps a sign-in`,
      'give the address of the bytes; if a page is what you mean, give its --sha256',
    );
  const length = headers['content-length'] === undefined ? null : Number(textOf(headers['content-length']));
  if (length !== null && length > limits.maxSizeBytes) throw tooLarge(shown, limits.maxSizeBytes);
  return length;
}

const textOf = (header: string | string[] | undefined): string => [header ?? ''].flat().join(', ').trim();

async function* watched(body: Dispatcher.ResponseData['body'], watch: StallWatch): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      watch.received(chunk.length);
      yield chunk;
    }
  } finally {
    watch.stop();
  }
}

const basicAuth = ({ username, password }: URL): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;

/** Without user, password and query: signed links carry their secret there. */
export const shownUrl = ({ protocol, host, pathname }: URL): string => `${protocol}//${host}${pathname}`;
