import type { ThingName } from '../ids.ts';
import type { Iso } from '../time.ts';

/** A member of the fleet as the registry knows it. */
export interface Device {
  readonly thing: ThingName;
  readonly hardware: string;
  /** The firmware it was registered with, then the last one that it confirmed. */
  readonly firmware: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What the device said of itself last; null until it did. */
  readonly reportedFirmware: string | null;
  readonly reportedAt: Iso | null;
  readonly lastSeen: Iso | null;
  readonly registeredAt: Iso;
  /** Rises with every change of the registry that a filter can see. */
  readonly revision: number;
}
