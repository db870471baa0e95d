import type { Iso } from '../time.ts';

/** An environment that lets nobody begin but ways back. */
export interface EmergencyHold {
  readonly id: string;
  readonly since: Iso;
}
