import type { Logger } from 'pino';
import type { Pulse } from '../runtime/heartbeat.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { GateOutcome } from '#domain/ports/gates.port.ts';
import type { Pool } from '../adapters/postgres/pool.ts';

export interface GateDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Where the stored firmware, the signing key and files of secrets are. */
  readonly dataDirectory: string;
  /** The environment that secrets are read from and commands get their PATH from; this process's unless a test has another. */
  readonly env?: NodeJS.ProcessEnv;
  /** Null on a worker that reaches no engine: gates that need one are inconclusive there. */
  readonly containers: GateContainers | null;
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

/** An instance of the version that a run brings, where it answers. */
export interface StagedInstance {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** What an engine says that the plan's pinned image is. */
export interface HeldImage {
  readonly engine: string;
  /** Null: it neither holds nor finds it. */
  readonly digest: string | null;
}

/** What gates ask of engines and router; only a worker that reaches them has it. */
export interface GateContainers {
  /** Those of the run's own version that run now, whether they get traffic or not. */
  instancesOf(run: RunRef): Promise<readonly StagedInstance[]>;
  /** Asked of every engine of the plan. */
  imageOf(run: RunRef): Promise<readonly HeldImage[]>;
  /** The judge over what was measured since the run's share of the traffic changed last. */
  judge(run: RunRef): Promise<Finding>;
}
