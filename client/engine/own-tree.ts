// Where this program's own files lie: sources in a clone, or what `npm run build` made of them in an installed package.
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether this is JavaScript that was built: under node_modules, Node refuses to run TypeScript. */
export const IS_BUILT = import.meta.url.endsWith('.js');

const TREE = fileURLToPath(new URL('../../', import.meta.url));

/** Where Node keeps compiled sources: a program that is started again is back sooner. */
export const COMPILE_CACHE = join(TREE, IS_BUILT ? '.cache' : 'node_modules/.cache/sluice');

/** The file of a program of ours; `source` is its TypeScript file, from the root of the clone. */
export function ownProgram(source: string): string {
  return join(TREE, IS_BUILT ? source.replace(/\.ts$/, '.js') : source);
}

/**
 * The folder of the tools that set-up brings: SLUICE_TOOLS_DIR, else `.tools` of the clone. An installed package has
 * them in the person's cache, as the next `npm install` would delete what lies in its own folder.
 */
export function toolsFolder(env: NodeJS.ProcessEnv = process.env): string {
  const given = env['SLUICE_TOOLS_DIR'];
  if (given) return given;
  if (!IS_BUILT) return join(TREE, '.tools');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sluice', 'tools');
}
