import { manifestOf } from '#domain/fleet/artifact.ts';
import type { SignatureCheck } from '#domain/fleet/artifact-check.ts';
import type { PlannedFirmware } from '#domain/plan/plan.ts';
import { trustedKey } from './firmware-signer.ts';
import { isSignedManifest } from './signed-manifest.ts';

/** Whether the firmware's signature fits all that is said of it, by the key that devices trust. */
export function checkSignature(dataDirectory: string, firmware: PlannedFirmware): SignatureCheck {
  const publicKey = trustedKey(dataDirectory);
  if (publicKey === null) return 'no-key';
  return isSignedManifest(manifestOf(firmware), firmware.signature, publicKey) ? 'valid' : 'invalid';
}
