import type { Logger } from 'pino';
import type { EngineAddress } from '#domain/containers/engine-address.ts';
import type { ContainerEngine } from '#domain/ports/container-engine.port.ts';
import type { Router } from '#domain/ports/router.port.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import type { Pulse } from '../runtime/heartbeat.ts';

/** Moments between two effects, where tests let a process die. */
export type ReleasePoint =
  | 'journal-stored'
  | 'release-written'
  | 'image-pulled'
  | 'container-created'
  | 'container-started'
  | 'instances-ready'
  | 'route-written'
  | 'route-applied'
  | 'instances-drained'
  | 'container-stopped'
  | 'container-removed'
  | 'release-promoted'
  | 'traffic-returned';

export interface ContainerDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Files of secrets are below it. */
  readonly dataDirectory: string;
  /** Where applications listen. */
  readonly listenHost: string;
  /** The engine behind an address, connected once. */
  readonly engine: (address: EngineAddress) => Promise<ContainerEngine>;
  readonly router: Router;
  /** Called at each named moment; absent in a shipped worker. */
  readonly reached?: (point: ReleasePoint) => Promise<void>;
}

/** What the parts of one activity share. */
export interface ContainerWork extends ContainerDeps {
  readonly pulse: Pulse;
  /** Aborted when the run wants the activity to stop. */
  readonly signal: AbortSignal;
}
