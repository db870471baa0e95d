import type { Sha256 } from '../ids.ts';
import type { Confirmation, PlannedFirmware } from '../plan/plan.ts';

/** What a device is asked to do: the `jobDocument` of AWS IoT Jobs, with S4's firmware fields. Immutable once offered. */
export interface JobDocument {
  readonly operation: 'firmware.install';
  readonly name: string;
  readonly version: string;
  readonly artifacts: readonly JobArtifact[];
  readonly compat: readonly string[];
  readonly minimumVersion?: string;
  readonly confirmWithinS: number;
  readonly confirm?: 'reported';
}

export interface JobArtifact {
  readonly url: string;
  readonly size: number;
  readonly sha256: Sha256;
  /** Base64 of Ed25519 over `signedManifest`. */
  readonly sig: string;
}

/** What the signature covers, before RFC 8785: version and hardware too, so that no other pairing of them passes. */
export interface FirmwareManifest {
  readonly compat: readonly string[];
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  readonly version: string;
}

/** The document that offers `firmware`, downloadable below `artifactBaseUrl` (`http://host:port/artifacts`). */
export function jobDocument(
  firmware: PlannedFirmware,
  confirmation: Confirmation,
  artifactBaseUrl: string,
): JobDocument {
  const { name, version, sha256, sizeBytes, signature, hardware, minimumVersion } = firmware;
  return {
    operation: 'firmware.install',
    name,
    version,
    artifacts: [{ url: `${artifactBaseUrl}/${sha256}`, size: sizeBytes, sha256, sig: signature }],
    compat: hardware,
    ...(minimumVersion !== null && { minimumVersion }),
    confirmWithinS: Math.ceil(confirmation.confirmWithinMs / 1000),
    ...(confirmation.mode === 'reported' && { confirm: 'reported' as const }),
  };
}
