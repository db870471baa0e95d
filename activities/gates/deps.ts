import type { Logger } from 'pino';
import type { Pulse } from '../runtime/heartbeat.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import type { Pool } from '../adapters/postgres/pool.ts';

export interface GateDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Where the stored firmware, the signing key and files of secrets are. */
  readonly dataDirectory: string;
  /** The environment that secrets are read from and commands get their PATH from; this process's unless a test has another. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface GateWork extends GateDeps {
  readonly pulse: Pulse;
}

/** What a gate's check found; `evidence` is stored before the gate is answered. */
export interface Finding {
  readonly kind: GateOutcome['kind'];
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>> | null;
}
