import type { Artifact } from '#domain/fleet/artifact.ts';
import { manifestOf } from '#domain/fleet/artifact.ts';
import type { ArtifactLabel, ArtifactSource, Provenance } from '#domain/fleet/artifact.schema.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import {
  checkBytes,
  receiveBytes,
  type IncomingBytes,
} from '../../../activities/adapters/object-store/artifact-files.ts';
import { findArtifact, insertArtifact, replaceSignature } from '../../../activities/adapters/postgres/artifacts.ts';
import { checkSignature } from '../../../activities/adapters/signing/check-signature.ts';
import { loadOrCreateSigner, type FirmwareSigner } from '../../../activities/adapters/signing/firmware-signer.ts';
import type { EngineDeps, Person } from '../engine.ts';
import type { DownloadLimits } from './download.ts';
import { openSource, SOURCE_LIMITS } from './open-source.ts';
import { parseLabel, type GivenLabel } from './parse-label.ts';

export interface AddArtifactInput {
  /** A file or an http(s) address. */
  readonly source: string;
  readonly label: GivenLabel;
  /** A PEM file that stays where it is; null signs with the key of the data directory. */
  readonly signingKeyFile: string | null;
  readonly by: Person;
  /** Of size and of patience; those that are not given are SOURCE_LIMITS. */
  readonly limits?: Partial<DownloadLimits>;
  /** Called for every piece of it; `of` is null when nobody knows how much there is. */
  readonly onProgress?: (receivedBytes: number, of: number | null) => void;
}

export interface AddedArtifact {
  readonly artifact: Artifact;
  /** False when this name and version had these bytes already. */
  readonly isNew: boolean;
  /** What was wrong with a known one, and is right again. */
  readonly mended: readonly string[];
}

/**
 * Stores firmware bytes under their SHA-256, signs them and registers them. The same bytes again are no change, but mend
 * a damaged file and a signature that devices would refuse. Nothing is registered, and no file has its final name, before
 * all bytes are on disk. Throws ARTIFACT_INVALID, ARTIFACT_UNREADABLE, ARTIFACT_TOO_LARGE, ARTIFACT_DIGEST_MISMATCH,
 * ARTIFACT_EXISTS, ARTIFACT_DIFFERS, SIGNING_KEY_….
 */
export async function addArtifact(deps: EngineDeps, input: AddArtifactInput): Promise<AddedArtifact> {
  const label = parseLabel(input.label);
  const database = await deps.database();
  const dataDirectory = await deps.dataDirectory();
  const signer = loadOrCreateSigner(dataDirectory, input.signingKeyFile);
  const { source, incoming } = await receive(dataDirectory, input, label.sha256 !== null);
  try {
    refuseWrongBytes(incoming, label, input.source);
    const existing = await findArtifact(database, label.name, label.version);
    if (existing !== null) refuseOther(existing, label, incoming);
    if (existing !== null) return await mend(deps, existing, { incoming, signer });
    await incoming.keep();
  } catch (error) {
    await incoming.discard();
    throw error;
  }
  const firmware = firmwareOf(label, incoming);
  const signature = signer.sign(manifestOf(firmware));
  const provenance = provenanceOf(source, incoming, input.by);
  const { saved, isNew } = await insertArtifact(database, { ...firmware, signature, keyId: signer.keyId, provenance });
  if (!isNew) refuseOther(saved, label, incoming);
  return { artifact: saved, isNew, mended: [] };
}

interface Original {
  readonly incoming: IncomingBytes;
  readonly signer: FirmwareSigner;
}

/** Puts right what a device would refuse of a known firmware, now that its original bytes are at hand. */
async function mend(deps: EngineDeps, existing: Artifact, { incoming, signer }: Original): Promise<AddedArtifact> {
  const dataDirectory = await deps.dataDirectory();
  const mended: string[] = [];
  if ((await checkBytes(dataDirectory, existing)).kind !== 'intact') mended.push('bytes');
  await incoming.keep();
  if (checkSignature(dataDirectory, existing) === 'valid') return { artifact: existing, isNew: false, mended };
  const signed = { signature: signer.sign(manifestOf(existing)), keyId: signer.keyId };
  const artifact = await replaceSignature(await deps.database(), existing, signed);
  return { artifact, isNew: false, mended: [...mended, 'signature'] };
}

/** The bytes on disk, and where they came from. */
async function receive(dataDirectory: string, input: AddArtifactInput, isHashKnown: boolean) {
  const { onProgress = () => undefined } = input;
  const opened = await openSource(input.source, { ...SOURCE_LIMITS, ...input.limits }, isHashKnown);
  try {
    const bytes = counted(opened.bytes, (received) => onProgress(received, opened.sizeBytes));
    return { source: opened.source, incoming: await receiveBytes(dataDirectory, bytes) };
  } finally {
    await opened.close();
  }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  tell: (received: number) => void,
): AsyncGenerator<Uint8Array> {
  let received = 0;
  for await (const chunk of bytes) {
    received += chunk.byteLength;
    tell(received);
    yield chunk;
  }
}

const firmwareOf = (
  { name, version, hardware, minimumVersion }: ArtifactLabel,
  { sha256, sizeBytes }: IncomingBytes,
) => ({
  name,
  version,
  hardware,
  minimumVersion,
  sha256,
  sizeBytes,
});

const provenanceOf = (source: ArtifactSource, { sizeBytes }: IncomingBytes, by: Person): Provenance => ({
  source,
  sizeBytes,
  by: by.name,
  verified: by.verified,
  at: new Date().toISOString(),
});

function refuseWrongBytes({ sha256, sizeBytes }: IncomingBytes, label: ArtifactLabel, source: string): void {
  if (sizeBytes === 0) throw sluiceError('ARTIFACT_UNREADABLE', { source, why: 'it is empty' }, { where: 'FILE|URL' });
  if (label.sha256 === null || label.sha256 === sha256) return;
  throw sluiceError(
    'ARTIFACT_DIGEST_MISMATCH',
    { expected: label.sha256, got: sha256 },
    { where: '--sha256', found: sha256 },
  );
}

/** Throws unless `stored` is what is being added. */
function refuseOther(stored: Artifact, label: ArtifactLabel, { sha256 }: IncomingBytes): void {
  const { name, version } = stored;
  if (stored.sha256 !== sha256) {
    throw sluiceError(
      'ARTIFACT_EXISTS',
      { name, version, sha256: stored.sha256, got: sha256 },
      { where: '--version', found: version },
    );
  }
  const differences = [
    ['--hardware', 'for hardware', stored.hardware.join(', '), label.hardware.join(', ')],
    ['--minimum-version', 'with minimum version', stored.minimumVersion ?? 'none', label.minimumVersion ?? 'none'],
  ] as const;
  for (const [where, what, was, got] of differences) {
    if (was !== got)
      throw sluiceError('ARTIFACT_DIFFERS', { name, version, what, stored: was, got }, { where, found: was });
  }
}
