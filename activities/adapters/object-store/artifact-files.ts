/** Firmware bytes in `artifacts/<sha256>` of the data directory: a file under its final name is always whole. */
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { BytesCheck } from '#domain/fleet/artifact-check.ts';
import type { Sha256 } from '#domain/ids.ts';

const folderOf = (dataDirectory: string): string => join(dataDirectory, 'artifacts');

/**
 * Where the bytes with this hash are, if they are there.
 * @internal tests damage them there
 */
export const artifactPath = (dataDirectory: string, sha256: Sha256): string => join(folderOf(dataDirectory), sha256);

/** Bytes on disk that nobody can see yet. One of `keep` and `discard` ends them. */
export interface IncomingBytes {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  /** Gives them their final name, durably; what stood there before (the same bytes, or damaged ones) is replaced. */
  keep(): Promise<void>;
  discard(): Promise<void>;
}

/** Reads `bytes` to their end into an unfinished file. Throws what reading throws, and leaves nothing then. */
export async function receiveBytes(dataDirectory: string, bytes: AsyncIterable<Uint8Array>): Promise<IncomingBytes> {
  const folder = folderOf(dataDirectory);
  await mkdir(folder, { recursive: true });
  await removeLeftovers(folder);
  const file = join(folder, `${UNFINISHED}${process.pid}-${randomBytes(6).toString('hex')}`);
  const discard = () => rm(file, { force: true });
  try {
    await using handle = await open(file, 'wx', 0o644);
    const { sha256, sizeBytes } = await writeHashed(handle, bytes);
    await handle.sync();
    const keep = async () => {
      await rename(file, artifactPath(dataDirectory, sha256));
      await syncFolder(folder);
    };
    return { sha256, sizeBytes, keep, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** Reads the stored bytes again and compares size and hash. */
export async function checkBytes(dataDirectory: string, expected: StoredBytes): Promise<BytesCheck> {
  const file = artifactPath(dataDirectory, expected.sha256);
  const found = await stat(file).catch(() => null);
  if (found === null) return { kind: 'missing' };
  if (found.size !== expected.sizeBytes) {
    return { kind: 'altered', why: `${found.size} bytes instead of ${expected.sizeBytes}` };
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const sha256 = hash.digest('hex');
  return sha256 === expected.sha256 ? { kind: 'intact' } : { kind: 'altered', why: `its sha256 is ${sha256}` };
}

interface StoredBytes {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

async function writeHashed(handle: FileHandle, bytes: AsyncIterable<Uint8Array>): Promise<StoredBytes> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of bytes) {
    hash.update(chunk);
    sizeBytes += chunk.byteLength;
    await handle.writeFile(chunk);
  }
  return { sha256: hash.digest('hex') as Sha256, sizeBytes };
}

/** Without it a power cut may take the new name back although the bytes are on disk. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

const UNFINISHED = '.unfinished-';
const LEFTOVER_AFTER_MS = 24 * 3_600_000;

/** Ends what a killed process left; one that still works on its file keeps it. */
async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(UNFINISHED)) continue;
    const file = join(folder, name);
    const writer = Number.parseInt(name.slice(UNFINISHED.length), 10);
    const writtenMs = (await stat(file).catch(() => null))?.mtimeMs ?? 0;
    if (!isAlive(writer) || Date.now() - writtenMs > LEFTOVER_AFTER_MS) await rm(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
