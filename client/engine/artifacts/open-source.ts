/** Firmware bytes from a file or an http(s) address, as a stream of bounded size. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import { openDownload, shownUrl, type DownloadLimits } from './download.ts';
import { asUnreadable, tooLarge, unreadable } from './source-errors.ts';

export interface OpenSource {
  /** As provenance keeps it: no path of this machine, no secret of an address. */
  readonly source: ArtifactSource;
  /** Null when nobody knows it before the end. */
  readonly sizeBytes: number | null;
  readonly bytes: AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

export const SOURCE_LIMITS: DownloadLimits = { maxSizeBytes: 1024 ** 3, connectMs: 10_000, stallMs: 30_000 };

const SCHEME = /^[a-z][a-z0-9+.-]+:\/\//i;

/**
 * Opens `text`; whatever comes of it, close it. Throws ARTIFACT_UNREADABLE and ARTIFACT_TOO_LARGE, now or while the bytes
 * are read: when there are none, when they break off or hardly come, when there are more than the limit.
 */
export async function openSource(text: string, limits: DownloadLimits, isHashKnown: boolean): Promise<OpenSource> {
  const isAddress = SCHEME.test(text);
  const opened = isAddress ? await openDownload(addressOf(text), limits, isHashKnown) : await openFile(text);
  const shown = opened.source.kind === 'url' ? opened.source.url : text;
  if ((opened.sizeBytes ?? 0) > limits.maxSizeBytes) {
    await opened.close();
    throw tooLarge(shown, limits.maxSizeBytes);
  }
  return { ...opened, bytes: bounded(opened.bytes, shown, limits.maxSizeBytes) };
}

async function openFile(file: string): Promise<OpenSource> {
  try {
    const found = await stat(file);
    return {
      source: { kind: 'file', file: basename(file) },
      sizeBytes: found.isFile() ? found.size : null,
      bytes: readFile(file),
      close: () => Promise.resolve(),
    };
  } catch (error) {
    throw asUnreadable(file, error);
  }
}

// Opened when it is read: a stream that fails before anybody listens would end the process.
async function* readFile(file: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(file) as AsyncIterable<Buffer>;
}

function addressOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  throw unreadable(url === null ? text : shownUrl(url), 'no http(s) address');
}

async function* bounded(bytes: AsyncIterable<Uint8Array>, shown: string, most: number): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  try {
    for await (const chunk of bytes) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > most) throw tooLarge(shown, most);
      yield chunk;
    }
  } catch (error) {
    throw asUnreadable(shown, error);
  }
}
