// The package as people get it: built, packed, and installed by npm into an empty folder outside of the clone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { makeTempFolder } from '../servers/temp-folder.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface CommandEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface InstalledPackage {
  /** Where npm installed it. */
  readonly folder: string;
  /** The files of the tarball. */
  readonly files: readonly string[];
  /** Runs a program there, on this process's Node. */
  run(program: string, ...args: readonly string[]): Promise<CommandEnd>;
  remove(): void;
}

/** Nothing can be downloaded here: says nothing about the package. */
export class CannotDownload extends Error {}

/** Throws CannotDownload where npm reaches no registry and has not all that is needed in its cache. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = makeTempFolder('package');
  const [dist, place] = [join(folder.path, 'dist'), join(folder.path, 'elsewhere')];
  try {
    await must(ROOT, process.execPath, 'workers/build/main.ts', dist);
    const packed = await must(folder.path, 'npm', 'pack', '--json', '--loglevel=error', dist);
    const [tarball] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
    await must(folder.path, 'mkdir', place);
    // Without a prefix npm looks upwards for a project that the folder of temporary files may lie in.
    await must(place, 'npm', 'install', '--prefix', place, ...QUIETLY, join(folder.path, tarball.filename));
    return {
      folder: place,
      files: tarball.files.map(({ path }) => path),
      run: (program, ...args) => end(place, program, args),
      remove: () => folder.remove(),
    };
  } catch (error) {
    folder.remove();
    throw error;
  }
}

const QUIETLY = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'] as const;
const OFFLINE = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTCACHED|ENETUNREACH/;

/** What it prints. Throws when it fails. */
async function must(cwd: string, program: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await end(cwd, program, args);
  if (code === 0) return stdout;
  const said = `${program} ${args.join(' ')} ended with code ${code}:\n${stdout}${stderr}`;
  throw OFFLINE.test(said) ? new CannotDownload(said) : new Error(said);
}

async function end(cwd: string, program: string, args: readonly string[]): Promise<CommandEnd> {
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`;
  const child = spawn(program, args, { cwd, env: { ...process.env, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? -1, stdout, stderr };
}
