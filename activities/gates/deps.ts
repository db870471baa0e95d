import type { Logger } from 'pino';
import type { Pool } from '../adapters/postgres/pool.ts';

export interface GateDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Where the stored firmware, the signing key and files of secrets are. */
  readonly dataDirectory: string;
  /** The environment that secrets are read from and commands get their PATH from; this process's unless a test has another. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a gate's check found; `evidence` is stored before the gate is answered. */
export interface Finding {
  readonly kind: 'passed' | 'failed' | 'not_evaluated';
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>> | null;
}
