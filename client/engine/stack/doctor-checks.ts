import { readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { satisfies } from 'semver';
import { IS_BUILT } from '../own-tree.ts';
import { hostOfPort, LISTEN_HOST_OPTION, PORT_OPTIONS, type PortName, type Settings } from '../settings.ts';
import type { Finding } from './finding.ts';
import { lookAtPort } from './port-state.ts';
import type { StackStatus } from './status.ts';

const LEAST_FREE_BYTES = 1_000_000_000;
export const SET_UP = 'npx sluice setup';

interface Manifest {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

const manifest = (): Manifest =>
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as Manifest;

/** The Node that runs this. */
export function checkNode(): Finding {
  const wanted = manifest().engines.node;
  const version = process.versions.node;
  const known = { name: 'node', title: 'Node', version };
  if (satisfies(version, wanted)) return { ...known, state: 'well', detail: process.execPath, mend: '' };
  return { ...known, state: 'missing', detail: `Sluice needs ${wanted}`, mend: SET_UP };
}

/** Every dependency in the version that package.json names. */
export function checkNodeModules(): Finding {
  const wanted = Object.entries(manifest().dependencies);
  const wrong = wanted.filter(([name, version]) => installedVersion(name) !== version).map(([name]) => name);
  const known = { name: 'node-modules', title: 'node modules', version: '' };
  if (wrong.length === 0) return { ...known, state: 'well', detail: `${wanted.length} as wanted`, mend: '' };
  return {
    ...known,
    state: 'missing',
    detail: `not as wanted: ${wrong.join(', ')}`,
    mend: IS_BUILT ? 'npm install' : 'npm ci',
  };
}

function installedVersion(name: string): string | null {
  const folders = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const folder of folders) {
    try {
      const found = JSON.parse(readFileSync(`${folder}/${name}/package.json`, 'utf8')) as { version: string };
      return found.version;
    } catch {
      // Not in this folder; the next one up may have it.
    }
  }
  return null;
}

/** Room on the disk that holds the data directory. */
export async function checkDataDirectory(dataDirectory: string): Promise<Finding> {
  const { bavail, bsize } = await statfsOfNearest(dataDirectory);
  const freeBytes = bavail * bsize;
  const detail = `${(freeBytes / 1e9).toFixed(1)} GB free for ${dataDirectory}`;
  const known = { name: 'disk', title: 'disk', version: '', detail };
  if (freeBytes >= LEAST_FREE_BYTES) return { ...known, state: 'well', mend: '' };
  return { ...known, state: 'missing', mend: `make room, or move it: --data-dir DIRECTORY (or SLUICE_DATA_DIR)` };
}

async function statfsOfNearest(folder: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(folder);
  } catch (error) {
    if (dirname(folder) === folder) throw error;
    return statfsOfNearest(dirname(folder));
  }
}

/** The ports that `sluice up` would take; those on which a part of ours answers are no problem. */
export async function checkPorts(settings: Settings, stack: StackStatus): Promise<Finding[]> {
  const answering = new Set(stack.parts.filter(({ state }) => state === 'well').map(({ address }) => portIn(address)));
  const taken: Finding[] = [];
  for (const name of Object.keys(PORT_OPTIONS) as PortName[]) {
    const port = settings.ports[name];
    const host = hostOfPort(settings, name);
    const state = answering.has(port) ? 'free' : await lookAtPort(port, host);
    if (state === 'free') continue;
    const { flag, variable } = state === 'taken' ? PORT_OPTIONS[name] : LISTEN_HOST_OPTION;
    const mend = `sluice up ${flag} ${state === 'taken' ? 'PORT' : 'ADDRESS'}   (or ${variable})`;
    taken.push({
      name: `port-${name}`,
      title: `port ${port}`,
      version: '',
      state: 'missing',
      detail: state === 'taken' ? 'in use by another program' : `${host} is no address of this machine`,
      mend,
    });
  }
  if (taken.length > 0) return taken;
  return [{ name: 'ports', title: 'ports', version: '', state: 'well', detail: 'free', mend: '' }];
}

const portIn = (address: string): number => Number(/:(\d+)/.exec(address.replace(/^https?:/, ''))?.[1]);
