import type { FittedDevice } from './compatibility.ts';

/** What is asked of an artifact of the rollout's firmware name. */
export interface WayBackArtifact {
  readonly version: string;
  readonly hardware: readonly string[];
}

/** True when the artifact is what takes the device back to the firmware that it runs. */
export const leadsBack = (artifact: WayBackArtifact, { firmware, hardware }: FittedDevice): boolean =>
  artifact.version === firmware && artifact.hardware.includes(hardware);
