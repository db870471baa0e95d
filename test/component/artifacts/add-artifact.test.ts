import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Sha256 } from '#domain/ids.ts';
import { artifactPath } from '../../../activities/adapters/object-store/artifact-files.ts';
import { addArtifact, type AddArtifactInput } from '../../../client/engine/artifacts/add-artifact.ts';
import { listArtifacts, showArtifact } from '../../../client/engine/artifacts/show-artifact.ts';
import { checkArtifact } from '../../../client/engine/artifacts/verify-artifacts.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

const BYTES = Buffer.from('firmware one '.repeat(5_000));
const OTHER = Buffer.from('firmware two '.repeat(5_000));
const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex') as Sha256;
const ADA = { name: 'ada', roles: [], verified: false };

let engine: TestEngine;

beforeAll(async () => {
  engine = await openTestEngine();
});
afterAll(() => engine.close());
beforeEach(async () => {
  await (await engine.deps.database()).query('truncate artifacts');
  rmSync(join(engine.folder, 'artifacts'), { recursive: true, force: true });
});

function fileOf(bytes: Buffer, name = 'edge.bin'): string {
  const file = join(engine.folder, name);
  writeFileSync(file, bytes);
  return file;
}

interface Overrides extends Partial<Omit<AddArtifactInput, 'label'>> {
  readonly label?: Partial<AddArtifactInput['label']>;
}

const add = ({ label, source = fileOf(BYTES), ...rest }: Overrides = {}) =>
  addArtifact(engine.deps, {
    source,
    signingKeyFile: null,
    by: ADA,
    ...rest,
    label: {
      name: 'edge',
      version: '1.1.0',
      hardware: ['edge-b', 'edge-a', 'edge-b'],
      minimumVersion: '1.0.0',
      sha256: null,
      ...label,
    },
  });

const stored = () => {
  const folder = join(engine.folder, 'artifacts');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe('adding firmware', () => {
  it('stores the bytes by their hash, signs them and keeps where they came from', async () => {
    const { artifact, isNew } = await add();
    expect(isNew).toBe(true);
    expect(artifact).toMatchObject({
      name: 'edge',
      version: '1.1.0',
      hardware: ['edge-a', 'edge-b'],
      minimumVersion: '1.0.0',
      sha256: sha256Of(BYTES),
      sizeBytes: BYTES.length,
      provenance: { source: { kind: 'file', file: 'edge.bin' }, sizeBytes: BYTES.length, by: 'ada', verified: false },
    });
    expect(JSON.stringify(artifact.provenance)).not.toContain(engine.folder);
    expect(readFileSync(artifactPath(engine.folder, artifact.sha256))).toEqual(BYTES);
    expect(await checkArtifact(engine.deps, artifact)).toEqual({ kind: 'intact' });
    expect(await showArtifact(engine.deps, 'edge', '1.1.0')).toEqual(artifact);
  });

  it('changes nothing when the same bytes come again', async () => {
    const first = await add();
    const again = await add({ source: fileOf(BYTES, 'renamed.bin'), by: { ...ADA, name: 'lin' } });
    expect(again).toEqual({ artifact: first.artifact, isNew: false, mended: [] });
    expect(await listArtifacts(engine.deps, null)).toHaveLength(1);
  });

  it('refuses other bytes under the same name and version, and keeps none of them', async () => {
    await add();
    const refused = add({ source: fileOf(OTHER) });
    await expect(refused).rejects.toMatchObject({ code: 'ARTIFACT_EXISTS' });
    await expect(refused).rejects.toThrow(sha256Of(OTHER));
    expect(stored()).toEqual([sha256Of(BYTES)]);
  });

  it('lets exactly one win when two bring other bytes for one version at once', async () => {
    const attempts = [fileOf(BYTES, 'one.bin'), fileOf(OTHER, 'two.bin')].map((source) => add({ source }));
    const results = await Promise.allSettled(attempts);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const [artifact] = await listArtifacts(engine.deps, 'edge');
    if (artifact === undefined) throw new Error('nothing was registered');
    expect(await checkArtifact(engine.deps, artifact)).toEqual({ kind: 'intact' });
  });

  it('refuses the same bytes for other hardware: that is signed', async () => {
    await add();
    await expect(add({ label: { hardware: ['edge-c'] } })).rejects.toMatchObject({ code: 'ARTIFACT_DIFFERS' });
    await expect(add({ label: { minimumVersion: null } })).rejects.toMatchObject({ code: 'ARTIFACT_DIFFERS' });
  });

  it('refuses bytes that do not hash to what was announced, and stores nothing', async () => {
    await expect(add({ label: { sha256: sha256Of(OTHER) } })).rejects.toMatchObject({
      code: 'ARTIFACT_DIGEST_MISMATCH',
    });
    expect(stored()).toEqual([]);
    expect((await add({ label: { sha256: sha256Of(BYTES).toUpperCase() } })).isNew).toBe(true);
  });

  it.each([
    [{ name: 'no blanks' }, '--name'],
    [{ version: '' }, '--version'],
    [{ hardware: [] }, '--hardware'],
    [{ hardware: ['edge-a', 'a,b'] }, '--hardware'],
    [{ minimumVersion: 'v 1' }, '--minimum-version'],
    [{ sha256: 'abc' }, '--sha256'],
  ])('refuses what is no label, naming the option: %j', async (label, where) => {
    await expect(add({ label })).rejects.toMatchObject({ code: 'ARTIFACT_INVALID', report: { where } });
  });

  it.each(['nowhere.bin', '.'])('refuses a source that is no file: %s', async (name) => {
    await expect(add({ source: join(engine.folder, name) })).rejects.toMatchObject({ code: 'ARTIFACT_UNREADABLE' });
    expect(stored()).toEqual([]);
  });

  it('refuses an empty file', async () => {
    await expect(add({ source: fileOf(Buffer.alloc(0)) })).rejects.toMatchObject({ code: 'ARTIFACT_UNREADABLE' });
  });
});

describe('verifying firmware', () => {
  it('finds one altered byte on disk, and adding the original bytes again mends it', async () => {
    const { artifact } = await add();
    const altered = Buffer.from(BYTES);
    altered[100] = (altered[100] ?? 0) ^ 1;
    writeFileSync(artifactPath(engine.folder, artifact.sha256), altered);
    const check = await checkArtifact(engine.deps, artifact);
    expect(check).toMatchObject({ kind: 'damaged', why: expect.stringContaining(sha256Of(altered)) as string });
    expect((await add()).isNew).toBe(false);
    expect(await checkArtifact(engine.deps, artifact)).toEqual({ kind: 'intact' });
  });

  it('finds what was changed in the database', async () => {
    const { artifact } = await add();
    for (const change of [`hardware = '{edge-z}'`, `minimum_version = '0.1.0'`, 'minimum_version = null']) {
      await (await engine.deps.database()).query(`update artifacts set ${change}`);
      const changed = await showArtifact(engine.deps, 'edge', '1.1.0');
      expect(await checkArtifact(engine.deps, changed)).toMatchObject({ kind: 'damaged' });
      await (
        await engine.deps.database()
      ).query(`update artifacts set hardware = $1, minimum_version = $2`, [artifact.hardware, artifact.minimumVersion]);
    }
    expect(await checkArtifact(engine.deps, { ...artifact, version: '1.2.0' })).toMatchObject({ kind: 'damaged' });
  });
});

describe('an unknown firmware', () => {
  it('is answered with the versions that exist', async () => {
    await add();
    await expect(showArtifact(engine.deps, 'edge', '9.9.9')).rejects.toMatchObject({
      code: 'ARTIFACT_UNKNOWN',
      report: { found: 'edge: 1.1.0' },
    });
  });
});
