import type { Client } from '@temporalio/client';
import type { Pool } from '../../activities/adapters/postgres/pool.ts';
import { SluiceError, sluiceError } from '#domain/errors/failure.ts';
import type { ContainerOperations } from '#domain/ports/container-operations.port.ts';
import { LazyOperations } from './containers/lazy-operations.ts';
import type { EngineDeps } from './engine.ts';
import { mayComeBack } from './live-stack.ts';
import type { Settings } from './settings.ts';
import { waitForPart } from './wait-for-part.ts';

// gRPC tries again within one attempt, ever slower: short attempts notice sooner that the server is back.
const CONNECT_ATTEMPT_MS = 2_000;

/**
 * Connections to the parts that `settings` name, opened at first use. A part that may come back is waited for up to
 * `waitForPartMs`, with one line to `note`; with no stack running and nothing else configured it fails at once.
 */
export function createEngineDeps(settings: Settings, note: (line: string) => void = () => undefined): EngineDeps {
  return new LazyParts(settings, note);
}

class LazyParts implements EngineDeps {
  readonly settings: Settings;
  readonly containers: ContainerOperations;
  readonly #note: (line: string) => void;
  #pool: Promise<Pool> | undefined;
  #client: Promise<Client> | undefined;
  #dataDirectory: Promise<string> | undefined;

  constructor(settings: Settings, note: (line: string) => void) {
    this.settings = settings;
    this.#note = note;
    this.containers = new LazyOperations(() => this.temporal(), settings.temporalAddress);
  }

  database(): Promise<Pool> {
    this.#pool ??= this.#openDatabase().catch((error: unknown) => {
      this.#pool = undefined;
      throw error;
    });
    return this.#pool;
  }

  dataDirectory(): Promise<string> {
    this.#dataDirectory ??= this.#claimDataDirectory().catch((error: unknown) => {
      this.#dataDirectory = undefined;
      throw error;
    });
    return this.#dataDirectory;
  }

  temporal(): Promise<Client> {
    this.#client ??= this.#openTemporal().catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    return this.#client;
  }

  async close(): Promise<void> {
    const [pool, client] = await Promise.allSettled([this.#pool, this.#client]);
    if (pool.status === 'fulfilled') await pool.value?.end();
    if (client.status === 'fulfilled') await client.value?.connection.close();
  }

  async #openDatabase(): Promise<Pool> {
    const { createPool } = await import('../../activities/adapters/postgres/pool.ts');
    const { isLostConnection } = await import('../../activities/adapters/postgres/lost-connection.ts');
    const { refuseForeign } = await import('./installation.ts');
    const pool = createPool(this.settings.databaseUrl);
    const forMs = this.#patience('database');
    try {
      await waitForPart(
        {
          part: 'PostgreSQL',
          address: withoutPassword(this.settings.databaseUrl),
          forMs,
          note: this.#note,
          isPassing: (error) => isLostConnection(error) || (forMs > 0 && isBeingSetUp(error)),
        },
        () => expectTables(pool),
      );
      await refuseForeign(this.settings, pool);
      return pool;
    } catch (error) {
      await pool.end();
      throw error;
    }
  }

  async #claimDataDirectory(): Promise<string> {
    const { claimInstallation } = await import('./installation.ts');
    return claimInstallation(this.settings, await this.database());
  }

  async #openTemporal(): Promise<Client> {
    const { connectTemporal } = await import('../../activities/adapters/temporal/connect.ts');
    const { temporalAddress: address, temporalNamespace: namespace } = this.settings;
    const forMs = this.#patience('temporal');
    return waitForPart(
      { part: 'Temporal', address, forMs, note: this.#note, isPassing: (error) => isNotRunning(error) || forMs > 0 },
      () => connectTemporal({ address, namespace }, CONNECT_ATTEMPT_MS),
    );
  }

  #patience(part: 'database' | 'temporal'): number {
    return mayComeBack(this.settings, part) ? this.settings.waitForPartMs : 0;
  }
}

const isNotRunning = (error: unknown): boolean => error instanceof SluiceError && error.code === 'STACK_NOT_RUNNING';

const NO_TABLES = 'it holds no tables of Sluice yet';

/** Answers when the database does and its tables are there. */
async function expectTables(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ ready: boolean }>("select to_regclass('sluice.runs') is not null as ready");
  if (!rows[0]?.ready) throw sluiceError('DATABASE_ERROR', { why: NO_TABLES }, { hint: 'npx sluice db migrate' });
}

/** `sluice up` creates the database and its tables only after the server answers. */
function isBeingSetUp(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === '3D000' || code === 'DATABASE_ERROR';
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `${url.host}${url.pathname}`;
}
