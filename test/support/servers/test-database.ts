// One PostgreSQL for a whole test run, started by the first test file that needs it; a database of its own for each file.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runSql } from './postgres.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

const KEEPER = fileURLToPath(new URL('./shared-postgres.keeper.ts', import.meta.url));
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 25;

/** A migrated, empty database `sluice_…` on the run's shared PostgreSQL (not durable; 30 ms after the first). */
export async function createTestDatabase(): Promise<TestDatabase> {
  const admin = await sharedServer();
  const name = `sluice_${randomBytes(6).toString('hex')}`;
  await runSql(admin, `create database ${name} template sluice`);
  const url = admin.replace(/\/postgres$/, `/${name}`);
  return {
    url,
    drop: async () => {
      await runSql(admin, `drop database if exists ${name} with (force)`);
    },
  };
}

async function sharedServer(): Promise<string> {
  // Test files run in forked processes: the run is their parent, and the server ends with it.
  const run = process.env['VITEST'] === undefined ? process.pid : process.ppid;
  const folder = join(tmpdir(), `sluice-shared-postgres-${run}`);
  if (becomesStarter(folder)) {
    spawn(process.execPath, [KEEPER, String(run), folder], { detached: true, stdio: 'ignore' }).unref();
  }
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!existsSync(join(folder, 'url'))) {
    if (existsSync(join(folder, 'error'))) throw new Error(readFileSync(join(folder, 'error'), 'utf8'));
    if (Date.now() > deadline) throw new Error(`the shared PostgreSQL did not start in ${START_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return readFileSync(join(folder, 'url'), 'utf8');
}

function becomesStarter(folder: string): boolean {
  try {
    mkdirSync(folder, { mode: 0o711 });
    return true;
  } catch {
    return false;
  }
}
