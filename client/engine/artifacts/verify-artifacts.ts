import type { Artifact } from '#domain/fleet/artifact.ts';
import { judgeArtifact, type ArtifactCheck } from '#domain/fleet/artifact-check.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import { checkBytes } from '../../../activities/adapters/object-store/artifact-files.ts';
import { checkSignature } from '../../../activities/adapters/signing/check-signature.ts';
import type { EngineDeps } from '../engine.ts';

export interface VerifiedArtifact {
  readonly artifact: Artifact;
  readonly check: ArtifactCheck;
}

/** Checks each firmware as a device will: size, hash and signature. */
export async function verifyArtifacts(deps: EngineDeps, artifacts: readonly Artifact[]): Promise<VerifiedArtifact[]> {
  const verified: VerifiedArtifact[] = [];
  for (const artifact of artifacts) verified.push({ artifact, check: await checkArtifact(deps, artifact) });
  return verified;
}

/** Reads the stored bytes again; takes as long as reading the file. */
export async function checkArtifact(deps: EngineDeps, firmware: PlannedFirmware): Promise<ArtifactCheck> {
  const dataDirectory = await deps.dataDirectory();
  return judgeArtifact(await checkBytes(dataDirectory, firmware), checkSignature(dataDirectory, firmware));
}
