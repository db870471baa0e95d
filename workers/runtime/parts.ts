import type { Client } from '@temporalio/client';
import type { NativeConnection, WorkerInterceptors, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { ReleasePoint } from '../../activities/containers/deps.ts';
import type { FleetPoint } from '../../activities/fleet/deps.ts';
import type { Pool } from '../../activities/adapters/postgres/pool.ts';
import { makeDataConverter } from '../../activities/adapters/temporal/data-converter.ts';
import type { EngineDeps } from '../../client/engine/engine.ts';
import type { Settings } from '../../client/engine/settings.ts';

/** What the workers of one process share. */
export interface WorkerParts {
  readonly settings: Settings;
  readonly connection: NativeConnection;
  readonly pool: Pool;
  /** For looks at a run: its statements end soon, so that a database that hangs is not mistaken for one that is well. */
  readonly lookPool: Pool;
  readonly logger: Logger;
  /** For what one run asks about others; connected at the first use. */
  readonly temporal: () => Promise<Client>;
  /** The use cases, for what runs do to other runs as people would; opened at the first use, closed with the process. */
  readonly engine: EngineDeps;
  /** Called at named moments between two effects; only test compositions give it. */
  readonly reached?: (point: FleetPoint) => Promise<void>;
  /** The same for releases of applications. */
  readonly reachedRelease?: (point: ReleasePoint) => Promise<void>;
  /** Around every activity; only test compositions give it. */
  readonly interceptors?: WorkerInterceptors;
}

/**
 * What every worker has in common. Heartbeats are not held back for long: a dead worker must be noticed by the 3 s
 * time-out, and a stop must reach a wave within a second. A workflow task stays 2 s with a worker that died.
 */
export const baseOptions = ({ settings, connection, interceptors }: WorkerParts) =>
  ({
    connection,
    namespace: settings.temporalNamespace,
    dataConverter: makeDataConverter(),
    stickyQueueScheduleToStartTimeout: '2s',
    maxHeartbeatThrottleInterval: '500ms',
    defaultHeartbeatThrottleInterval: '500ms',
    // Waves are cancelled at once and resume elsewhere from the database; only short writes are waited for.
    shutdownGraceTime: '2s',
    shutdownForceTime: '10s',
    ...(interceptors && { interceptors }),
  }) satisfies Partial<WorkerOptions>;
