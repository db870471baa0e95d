import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { desiredText, readDesired, type DesiredRoutes } from './desired-file.ts';
import { withFolderLock } from './folder-lock.ts';
import { mapContents, mapText, ROUTER_MAPS } from './maps.ts';
import { routerFiles, type RouterOptions, type RouterPlace } from './place.ts';
import { renderConfiguration, type RenderedRouter } from './render.ts';

const SCRIPT = fileURLToPath(new URL('./hold.lua', import.meta.url));
/** They hold the secrets of rules. */
const ONLY_OURS = 0o600;

/**
 * Makes the folder ready for `haproxyCommand`: a configuration of the routes that were written last, an empty one at first.
 * Throws ROUTER_FOLDER_UNUSABLE and ROUTER_LOCKED.
 */
export async function prepareRouterFiles(place: RouterPlace, options: RouterOptions): Promise<void> {
  const { script } = routerFiles(place);
  await mkdir(place.folder, { recursive: true, mode: 0o700 });
  await withFolderLock(place.folder, async () => {
    const desired = { ...readDesired(place), options };
    await writeAtomically(script, await readFile(SCRIPT, 'utf8'));
    await writeRouterFiles(place, desired, renderConfiguration(desired.routes, place, options));
  });
}

/**
 * Writes all files: whoever starts the router from here on gets `desired`. All at once, because to replace a file the disk
 * takes some milliseconds; each is whole at any moment, and the next reconcile settles what a death left between two of them.
 */
export async function writeRouterFiles(
  place: RouterPlace,
  desired: DesiredRoutes,
  rendered: RenderedRouter,
): Promise<void> {
  const files = routerFiles(place);
  const maps = mapContents(desired.routes);
  await writeLists(rendered);
  await Promise.all([
    writeAtomically(files.desired, desiredText(desired)),
    writeAtomically(files.configuration, rendered.configuration),
    ...ROUTER_MAPS.map((name) => writeAtomically(join(place.folder, `${name}.map`), mapText(maps[name]))),
  ]);
  const lists = readdirSync(place.folder).filter((name) => name.endsWith('.lst'));
  const unused = lists.map((name) => join(place.folder, name)).filter((path) => !rendered.lists.has(path));
  await Promise.all(unused.map((path) => rm(path, { force: true })));
}

/** Writes the configuration beside the one in use, for a check. */
export async function writeCandidate(place: RouterPlace, rendered: RenderedRouter): Promise<void> {
  await writeLists(rendered);
  await writeAtomically(routerFiles(place).nextConfiguration, rendered.configuration);
}

async function writeLists({ lists }: RenderedRouter): Promise<void> {
  await Promise.all([...lists].map(([path, text]) => writeAtomically(path, text)));
}

/** No reader ever sees a part of it; unchanged content is not written. */
async function writeAtomically(path: string, text: string): Promise<void> {
  if (contentOf(path) === text) return;
  const unfinished = `${path}.tmp`;
  await writeFile(unfinished, text, { mode: ONLY_OURS });
  await rename(unfinished, path);
}

/** At once: the files are small and in memory, and most of them have not changed. */
function contentOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
