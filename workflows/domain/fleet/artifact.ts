import type { PlannedFirmware } from '../plan/plan.ts';
import type { Iso } from '../time.ts';
import type { Provenance } from './artifact.schema.ts';
import type { FirmwareManifest } from './job-document.ts';

/** A firmware of the registry: its bytes are named by `sha256`, and its name and version never mean other bytes. */
export interface Artifact extends PlannedFirmware {
  /** The signing key, by the first digits of its public half's hash. */
  readonly keyId: string;
  readonly provenance: Provenance;
  readonly addedAt: Iso;
}

/** What is signed of a firmware. */
export const manifestOf = (firmware: Manifested): FirmwareManifest => ({
  compat: firmware.hardware,
  minimumVersion: firmware.minimumVersion,
  name: firmware.name,
  sha256: firmware.sha256,
  size: firmware.sizeBytes,
  version: firmware.version,
});

type Manifested = Omit<PlannedFirmware, 'signature'>;
