import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { StartRollbackInput } from '#domain/ports/emergency.port.ts';
import type { CommandEnvelope } from '#domain/run/commands.ts';
import type { StopCommand } from '#domain/emergency/stop-run.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import type { RunRow } from '../adapters/postgres/runs.ts';
import type { CoordinatorQueues } from '../adapters/temporal/hold-coordinator.ts';

/** How a run took a command. */
export type Told =
  | { readonly kind: 'taken' }
  /** It stops already, or waits for nothing. */
  | { readonly kind: 'refused'; readonly why: string }
  /** Its workflow is over, or was never started: its row has to be closed. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'unanswered'; readonly why: string };

export interface EmergencyDeps {
  readonly pool: Pool;
  readonly logger: Logger;
  /** Connected at the first use. */
  readonly temporal: () => Promise<Client>;
  readonly queues: CoordinatorQueues;
  /** Sends a command to a run; sent again with the same id it does nothing. */
  readonly tell: (row: RunRow, command: StopCommand, args: CommandEnvelope) => Promise<Told>;
  /** Closes the row of a run that is surely over. */
  readonly closeRow: (row: RunRow) => Promise<void>;
  /** Writes plan and row of a rollback run and starts it, once, however often it is called. */
  readonly startRollback: (input: StartRollbackInput) => Promise<void>;
}
