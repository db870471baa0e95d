/** Firmware bytes from a file or an http(s) address, as a stream. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import { sluiceError, type SluiceError } from '#domain/errors/failure.ts';

export interface OpenSource {
  /** As provenance keeps it: no path of this machine, no secret of an address. */
  readonly source: ArtifactSource;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/** Opens `text`. Reading throws ARTIFACT_UNREADABLE when the file or the answer is none, or breaks off. */
export function openSource(text: string): OpenSource {
  if (!SCHEME.test(text)) {
    return { source: { kind: 'file', file: basename(text) }, bytes: readable(text, readFile(text)) };
  }
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw unreadable(shownUrl(text), 'no http(s) address');
  const shown = shownUrl(text);
  return { source: { kind: 'url', url: shown }, bytes: readable(shown, download(url, shown)) };
}

// Opened when it is read: a stream that fails before anybody listens would end the process.
async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file) as AsyncIterable<Buffer>;
}

async function* download(url: URL, shown: string): AsyncGenerator<Uint8Array> {
  const headers: Record<string, string> = {};
  if (url.username !== '') headers['authorization'] = basicAuth(url);
  const response = await fetch(new URL(url.pathname + url.search, url.origin), { headers });
  if (!response.ok || response.body === null)
    throw unreadable(shown, `the answer is ${response.status} ${response.statusText}`);
  yield* response.body;
}

const basicAuth = ({ username, password }: URL): string =>
  `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64')}`;

/** Without user, password and query: signed links carry their secret there. */
function shownUrl(text: string): string {
  const url = URL.parse(text);
  return url === null ? text : `${url.protocol}//${url.host}${url.pathname}`;
}

async function* readable(source: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw asUnreadable(source, error);
  }
}

function asUnreadable(source: string, error: unknown): unknown {
  if (!(error instanceof Error) || 'report' in error) return error;
  // `fetch failed` says nothing; its cause does.
  const cause = error.cause instanceof Error ? error.cause : error;
  return unreadable(source, cause.message || ('code' in cause ? String(cause.code) : 'it cannot be read'), error);
}

const unreadable = (source: string, why: string, cause?: unknown): SluiceError =>
  sluiceError('ARTIFACT_UNREADABLE', { source, why }, { where: 'FILE|URL', found: source, cause });
