import type { Sha256 } from '../ids.ts';
import type { Confirmation, PlannedFirmware } from '../plan/plan.ts';
import type { SlotOperation } from './slot-operation.ts';

/** What a device is asked to do: the `jobDocument` of AWS IoT Jobs, with the firmware's fields. Immutable once offered. */
export interface JobDocument {
  readonly operation: `firmware.${SlotOperation}`;
  readonly name: string;
  readonly version: string;
  readonly artifacts: readonly JobArtifact[];
  readonly compat: readonly string[];
  readonly minimumVersion?: string;
  /** The device is to go back to what it ran before: see `FirmwareManifest`. */
  readonly wayBack?: true;
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

/** What is kept of a job: not where its bytes are, because links must work months later, and addresses change. */
export interface StoredJobDocument extends Omit<JobDocument, 'artifacts'> {
  readonly artifacts: readonly Omit<JobArtifact, 'url'>[];
}

/**
 * What the signature covers, before RFC 8785. A device rebuilds it from the job document, so that nothing in it can be
 * altered on the path: no other pairing of bytes, version, hardware and least version passes.
 *
 * A way back must be open whatever the device runs, and `wayBack` is not signed: it is said of a job, not of a firmware.
 * So it lifts the least version for one firmware only, the one that this device ran right before its present one, which it
 * knows by itself. Whoever forges the word can send a device back where it came from, with bytes that are signed for it,
 * and nowhere else; on any other firmware the word means nothing and the least version holds.
 */
export interface FirmwareManifest {
  readonly compat: readonly string[];
  /** Oldest firmware that a device may come from; null for any. */
  readonly minimumVersion: string | null;
  readonly name: string;
  readonly sha256: string;
  readonly size: number;
  readonly version: string;
}

/** True when the job leaves a device on the version that it runs: nothing of it tells which version that is. */
export const onlyStages = ({ document }: { readonly document: Pick<JobDocument, 'operation'> }): boolean =>
  document.operation === 'firmware.stage';

/** The document that offers `firmware`. What is only staged has no version to prove. */
export function jobDocument(
  firmware: PlannedFirmware,
  confirmation: Confirmation,
  purpose: 'install' | 'way-back',
  operation: SlotOperation = 'install',
): StoredJobDocument {
  const { name, version, sha256, sizeBytes, signature, hardware, minimumVersion } = firmware;
  return {
    operation: `firmware.${operation}`,
    name,
    version,
    artifacts: [{ size: sizeBytes, sha256, sig: signature }],
    compat: hardware,
    ...(minimumVersion !== null && { minimumVersion }),
    ...(purpose === 'way-back' && { wayBack: true as const }),
    confirmWithinS: Math.ceil(confirmation.confirmWithinMs / 1000),
    ...(confirmation.mode === 'reported' && operation !== 'stage' && { confirm: 'reported' as const }),
  };
}

/** The document as a device gets it: its bytes are below `artifactBaseUrl` (`http://host:port/artifacts`) now. */
export const handedOut = (stored: StoredJobDocument, artifactBaseUrl: string): JobDocument => ({
  ...stored,
  artifacts: stored.artifacts.map((artifact) => ({ ...artifact, url: `${artifactBaseUrl}/${artifact.sha256}` })),
});
