import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sha256 } from '#domain/ids.ts';
import { artifactPath, checkBytes, receiveBytes } from '../../../activities/adapters/object-store/artifact-files.ts';
import { makeTempFolder, type TempFolder } from '../../support/servers/temp-folder.ts';

let folder: TempFolder;
beforeEach(() => {
  folder = makeTempFolder('artifact-files');
});
afterEach(() => folder.remove());

const BYTES = Buffer.from('firmware '.repeat(10_000));
const HASH = createHash('sha256').update(BYTES).digest('hex') as Sha256;
const stored = { sha256: HASH, sizeBytes: BYTES.length };

async function* chunks(...parts: (Buffer | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield part;
  }
}

const files = () => readdirSync(join(folder.path, 'artifacts'));

describe('received bytes', () => {
  it('get the name of their hash once they are kept, and not before', async () => {
    const incoming = await receiveBytes(folder.path, chunks(BYTES.subarray(0, 7), BYTES.subarray(7)));
    expect(incoming).toMatchObject(stored);
    expect(existsSync(artifactPath(folder.path, HASH))).toBe(false);
    await incoming.keep();
    expect(readFileSync(artifactPath(folder.path, HASH))).toEqual(BYTES);
    expect(files()).toEqual([HASH]);
  });

  it('leave nothing when they are discarded or break off', async () => {
    await (await receiveBytes(folder.path, chunks(BYTES))).discard();
    await expect(receiveBytes(folder.path, chunks(BYTES, new Error('cut')))).rejects.toThrow('cut');
    expect(files()).toEqual([]);
  });

  it('replace a damaged file of the same name', async () => {
    await (await receiveBytes(folder.path, chunks(BYTES))).keep();
    writeFileSync(artifactPath(folder.path, HASH), 'damaged');
    await (await receiveBytes(folder.path, chunks(BYTES))).keep();
    expect(await checkBytes(folder.path, stored)).toEqual({ kind: 'intact' });
  });

  it('clean up what a killed process left, and nothing of one that lives', async () => {
    const artifacts = join(folder.path, 'artifacts');
    mkdirSync(artifacts);
    // Above the kernel's highest process id.
    writeFileSync(join(artifacts, '.unfinished-4999999-aa'), 'half');
    writeFileSync(join(artifacts, `.unfinished-${process.pid}-bb`), 'half');
    await (await receiveBytes(folder.path, chunks(BYTES))).keep();
    expect(files().sort()).toEqual([`.unfinished-${process.pid}-bb`, HASH].sort());
  });
});

describe('a check of stored bytes', () => {
  it('finds one altered byte, another length and a missing file', async () => {
    await (await receiveBytes(folder.path, chunks(BYTES))).keep();
    expect(await checkBytes(folder.path, stored)).toEqual({ kind: 'intact' });
    const altered = Buffer.from(BYTES);
    altered[5_000] = (altered[5_000] ?? 0) ^ 1;
    writeFileSync(artifactPath(folder.path, HASH), altered);
    expect(await checkBytes(folder.path, stored)).toMatchObject({ kind: 'altered' });
    writeFileSync(artifactPath(folder.path, HASH), BYTES.subarray(1));
    expect(await checkBytes(folder.path, stored)).toEqual({
      kind: 'altered',
      why: `${BYTES.length - 1} bytes instead of ${BYTES.length}`,
    });
    expect(await checkBytes(folder.path, { sha256: 'ab'.repeat(32) as Sha256, sizeBytes: 1 })).toEqual({
      kind: 'missing',
    });
  });
});
