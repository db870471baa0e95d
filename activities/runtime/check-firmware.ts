import { judgeArtifact, type ArtifactCheck } from '#domain/fleet/artifact-check.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import { checkBytes } from '../adapters/object-store/artifact-files.ts';
import { checkSignature } from '../adapters/signing/check-signature.ts';

/** Reads the stored bytes of a firmware again: size, hash and signature, as a device will. */
export async function checkFirmware(dataDirectory: string, firmware: PlannedFirmware): Promise<ArtifactCheck> {
  return judgeArtifact(await checkBytes(dataDirectory, firmware), checkSignature(dataDirectory, firmware));
}
