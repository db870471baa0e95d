import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection, Pool } from '../../../activities/adapters/postgres/pool.ts';
import type { EngineDeps } from '../../../client/engine/engine.ts';
import { importDevices } from '../../../client/engine/devices/import-devices.ts';
import { openTestEngine, type TestEngine } from '../../support/registry/test-engine.ts';

let engine: TestEngine;
let pool: Pool;
beforeAll(async () => {
  engine = await openTestEngine();
  pool = await engine.deps.database();
});
afterAll(() => engine.close());
beforeEach(async () => {
  await pool.query('truncate devices; update broker_credentials set wanted = 0, applied = -1');
});

function fileOf(...rows: string[]): string {
  const file = join(engine.folder, 'devices.csv');
  writeFileSync(file, ['thing,hardware,firmware,tags', ...rows, ''].join('\n'));
  return file;
}

const devices = async () =>
  (await pool.query('select thing, hardware, tags from devices order by thing')).rows as unknown[];

async function untilSomebodyWaitsFor(holder: Connection): Promise<void> {
  const { rows } = await holder.query<{ pid: number }>('select pg_backend_pid() as pid');
  await vi.waitFor(
    async () => {
      const waiting = await pool.query('select from pg_stat_activity where $1 = any(pg_blocking_pids(pid))', [
        rows[0]?.pid,
      ]);
      expect(waiting.rowCount).toBe(1);
    },
    { timeout: 30_000, interval: 10 },
  );
}

describe('an import that meets another writer', () => {
  it('is written whole after PostgreSQL ended it for a deadlock', async () => {
    await importDevices(engine.deps, { file: fileOf('d1,edge-a,1.0.0,', 'd2,edge-a,1.0.0,') });
    const other = await pool.connect();
    // The other one never looks for deadlocks: the import is the one that is ended.
    await other.query(`set deadlock_timeout = '1h'`);
    await other.query(`begin; update devices set last_seen = now() where thing = 'd2'`);
    const file = fileOf('d1,edge-b,1.0.0,site=a', 'd2,edge-b,1.0.0,site=a', 'd3,edge-b,1.0.0,site=a');
    const imported = importDevices(engine.deps, { file });
    await untilSomebodyWaitsFor(other);
    // Holds d2 and asks for d1, which the import holds while it asks for d2.
    await other.query(`update devices set last_seen = now() where thing = 'd1'`);
    await other.query('commit');
    other.release(true);
    expect(await imported).toMatchObject({ added: 1, updated: 2, unchanged: 0, refused: [], credentialsWanted: 2 });
    expect(await devices()).toEqual(
      ['d1', 'd2', 'd3'].map((thing) => ({ thing, hardware: 'edge-b', tags: { site: 'a' } })),
    );
  });

  it('waits for the credentials of devices whose commit it did not hear of', async () => {
    const file = fileOf('d1,edge-a,1.0.0,');
    const report = await importDevices(deafOnce(engine.deps), { file });
    expect(report).toMatchObject({ added: 0, unchanged: 1, credentialsWanted: 1 });
    expect(await devices()).toHaveLength(1);
  });
});

/** The same engine, on whose first commit the connection breaks before the answer. */
function deafOnce(deps: EngineDeps): EngineDeps {
  let isDeaf = true;
  const deaf = (connection: Connection) => async (sql: string, values?: unknown[]) => {
    const result = await connection.query(sql, values);
    if (sql !== 'commit' || !isDeaf) return result;
    isDeaf = false;
    throw Object.assign(new Error('terminating connection'), { code: '57P01' });
  };
  const connect = async () => {
    const connection = await pool.connect();
    return replacing(connection, 'query', deaf(connection));
  };
  return { ...deps, settings: deps.settings, database: () => Promise.resolve(replacing(pool, 'connect', connect)) };
}

/** `target` with another method of that name. */
function replacing<T extends object>(target: T, name: keyof T, method: unknown): T {
  return new Proxy(target, {
    get: (_, asked) => {
      const value: unknown = asked === name ? method : Reflect.get(target, asked, target);
      return typeof value === 'function' ? (value as (...given: unknown[]) => unknown).bind(target) : value;
    },
  });
}
