// A registry that holds the shop's three versions. They are built once for a test run; each stack serves them by its own.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildShopImages } from '../../../examples/shop/build-image.ts';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { eventually } from '../eventually.ts';
import { startDockerd } from '../servers/dockerd.ts';
import { startRegistry, type RegistryServer } from '../servers/registry.ts';

const KEEPER = fileURLToPath(new URL('../crash/keeper.ts', import.meta.url));
const PREFIX = 'sluice-shop-images-';
const BUILT_WITHIN_MS = 180_000;

/** A registry with shop 1.0.0, 1.1.0 and the bad 1.2.0. The first call of a test run builds them, in about 15 s. */
export async function startShopRegistry(): Promise<RegistryServer> {
  // Test files run in forked processes: the run is their parent, and the images go with it.
  const run = process.env['VITEST'] === undefined ? process.pid : process.ppid;
  const folder = join(tmpdir(), `${PREFIX}${run}`);
  const [isBuilt, hasFailed] = [join(folder, 'built'), join(folder, 'failed')];
  if (becomesBuilder(folder)) {
    sweepLeftovers();
    spawn(process.execPath, [KEEPER, String(run), folder], { detached: true, stdio: 'ignore' }).unref();
    await build(folder).then(
      () => writeFileSync(isBuilt, ''),
      (error: unknown) => {
        writeFileSync(hasFailed, String(error));
        throw error;
      },
    );
  }
  await eventually(() => {
    if (!existsSync(isBuilt) && !existsSync(hasFailed)) throw new Error('the images of the shop are not built yet');
  }, BUILT_WITHIN_MS);
  if (existsSync(hasFailed)) throw new Error('the images of the shop could not be built; the first test file says why');
  return startRegistry({ folder });
}

/** Images of runs that are over, whose keeper was killed as well. */
function sweepLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    if (startTicksOf(Number(name.slice(PREFIX.length))) === null) {
      rmSync(join(tmpdir(), name), { recursive: true, force: true, maxRetries: 3 });
    }
  }
}

async function build(folder: string): Promise<void> {
  const engine = await startDockerd();
  try {
    const registry = await startRegistry({ folder });
    await buildShopImages(engine.docker, registry.host).finally(() => registry.stop());
  } finally {
    await engine.stop();
  }
}

function becomesBuilder(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
