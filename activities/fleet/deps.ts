import type { Logger } from 'pino';
import type { Pool } from '../adapters/postgres/pool.ts';
import type { Pulse } from '../runtime/heartbeat.ts';

/** Moments between two effects, where tests let a process die. */
export type FleetPoint =
  | 'targets-written'
  | 'wave-opened'
  | 'offers-uncommitted'
  | 'offers-written'
  | 'offers-held'
  | 'offers-stopped'
  | 'offers-withdrawn'
  | 'deadline-passed'
  | 'silent-listed'
  | 'way-backs-uncommitted'
  | 'way-backs-written';

export interface FleetDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Where the stored firmware and the key that signed it are. */
  readonly dataDirectory: string;
  /** Milliseconds since the epoch; the worker's clock unless a test has another. */
  readonly now?: () => number;
  /** Called at each named moment; absent in a shipped worker. */
  readonly reached?: (point: FleetPoint) => Promise<void>;
}

/** What the parts of one long activity share. */
export interface FleetWork extends FleetDeps {
  readonly pulse: Pulse;
}

export const nowMs = ({ now }: Pick<FleetDeps, 'now'>): number => now?.() ?? Date.now();
