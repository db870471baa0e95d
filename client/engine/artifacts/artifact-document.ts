import type { Artifact } from '#domain/fleet/artifact.ts';
import type { ArtifactSource } from '#domain/fleet/artifact.schema.ts';
import type { VerifiedArtifact } from './verify-artifacts.ts';

/** A firmware as JSON for programs. */
export const artifactDocument = (artifact: Artifact) => ({
  name: artifact.name,
  version: artifact.version,
  hardware: artifact.hardware,
  minimum_version: artifact.minimumVersion,
  sha256: artifact.sha256,
  size_bytes: artifact.sizeBytes,
  signature: artifact.signature,
  key_id: artifact.keyId,
  provenance: {
    source: sourceDocument(artifact.provenance.source),
    size_bytes: artifact.provenance.sizeBytes,
    by: artifact.provenance.by,
    verified: artifact.provenance.verified,
    at: artifact.provenance.at,
  },
  added_at: artifact.addedAt,
});

const sourceDocument = (source: ArtifactSource) =>
  source.kind === 'file' ? source : { kind: source.kind, url: source.url, final_url: source.finalUrl };

/** What verifying it found. */
export const verifiedDocument = ({ artifact, check }: VerifiedArtifact) => ({
  name: artifact.name,
  version: artifact.version,
  sha256: artifact.sha256,
  state: check.kind,
  why: check.kind === 'damaged' ? check.why : '',
});
