import type { Client } from '@temporalio/client';
import type { Pool } from '../../activities/adapters/postgres/pool.ts';
import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import type { Settings } from './settings.ts';

/** What every use case works with. Connections are opened at first use, so that `--help` loads none of them. */
export interface EngineDeps {
  readonly settings: Settings;
  /** The pool, after the database answered; waits up to `waitForPartMs` for one that is restarting. */
  database(): Promise<Pool>;
  /** The data directory, once it is sure to be the database's own. Throws DATA_DIR_FOREIGN, DATA_DIR_UNUSABLE. */
  dataDirectory(): Promise<string>;
  /** The Temporal client, connected; waits likewise. */
  temporal(): Promise<Client>;
  /** What only the worker with the engines' credentials can tell or do. */
  readonly containers: ContainerOperations;
  /** Ends what was opened. */
  close(): Promise<void>;
}

/** The person behind a command until sign-in exists: `--as NAME`, `SLUICE_USER` or the OS user, with the configuration's roles. */
export interface Person {
  readonly name: string;
  readonly roles: readonly string[];
  readonly verified: boolean;
}
