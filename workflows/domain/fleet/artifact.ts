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
export const manifestOf = ({ hardware, name, sha256, sizeBytes, version }: Manifested): FirmwareManifest => ({
  compat: hardware,
  name,
  sha256,
  size: sizeBytes,
  version,
});

type Manifested = Pick<PlannedFirmware, 'hardware' | 'name' | 'sha256' | 'sizeBytes' | 'version'>;
