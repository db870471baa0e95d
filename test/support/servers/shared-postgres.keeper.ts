// Runs the shared PostgreSQL of one test run and ends it when that process is gone, however it went.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { startPostgres } from './postgres.ts';

const [run, folder = ''] = process.argv.slice(2);
const owner = { pid: Number(run), startTicks: startTicksOf(Number(run)) ?? 0 };
const OWNER_POLL_MS = 300;

process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
try {
  const server = await startPostgres({ folder: join(folder, 'cluster'), durable: false });
  // Renamed into place: a reader never sees half of it.
  writeFileSync(join(folder, 'url.tmp'), server.url.replace(/sluice$/, 'postgres'));
  renameSync(join(folder, 'url.tmp'), join(folder, 'url'));
  while (isRunning(owner)) await new Promise((resolve) => setTimeout(resolve, OWNER_POLL_MS));
  await server.kill();
} catch (error) {
  writeFileSync(join(folder, 'error'), String(error));
  while (isRunning(owner)) await new Promise((resolve) => setTimeout(resolve, OWNER_POLL_MS));
}
