// Brings node_modules to what package-lock.json says, with the npm that is there.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError, timed } from './progress.mjs';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockedPackage */

/**
 * True when what is installed is what the lock file names, whoever installed it (npm keeps its own record of that and
 * writes it last, so an interrupted install is not taken for a whole one).
 * @param {string} root
 */
export function modulesAreCurrent(root) {
  if (!existsSync(join(root, 'node_modules/.bin/node'))) return false;
  try {
    const wanted = packagesOf(join(root, 'package-lock.json'));
    const installed = packagesOf(join(root, 'node_modules/.package-lock.json'));
    return (
      manifestMatches(root, wanted['']) &&
      Object.entries(wanted).every(([path, entry]) => {
        if (path === '') return true;
        const there = installed[path];
        return there === undefined ? entry.optional === true : there.version === entry.version;
      })
    );
  } catch {
    return false;
  }
}

/**
 * Runs `npm ci`; says what to do when it cannot.
 * @param {string} root
 */
export async function bringNodeModules(root) {
  await timed('node modules (npm ci)', async () => {
    await npm(root, ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    // People who set ignore-scripts get no binary of the one package that needs its script.
    if (!existsSync(join(root, 'node_modules/.bin/node')))
      await npm(root, ['rebuild', 'node', '--ignore-scripts=false']);
  });
}

/**
 * @param {string} path
 * @returns {Record<string, LockedPackage>}
 */
function packagesOf(path) {
  const lock = /** @type {{ packages: Record<string, LockedPackage> }} */ (JSON.parse(readFileSync(path, 'utf8')));
  return lock.packages;
}

/**
 * A dependency that was edited by hand and not locked yet is for `npm ci` to refuse.
 * @param {string} root
 * @param {unknown} locked
 */
function manifestMatches(root, locked) {
  const manifest = /** @type {Record<string, object>} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const lockedRoot = /** @type {Record<string, object>} */ (locked);
  return ['dependencies', 'devDependencies'].every(
    (kind) => JSON.stringify(sorted(manifest[kind])) === JSON.stringify(sorted(lockedRoot[kind])),
  );
}

/** @param {object | undefined} record */
function sorted(record) {
  return Object.entries(record ?? {}).sort(([a], [b]) => a.localeCompare(b));
}

/**
 * @param {string} root
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function npm(root, args) {
  return new Promise((resolve, reject) => {
    const child = spawn('npm', args, { cwd: root, env: environmentForNpm(root), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (/** @type {string} */ text) => (output += text));
    }
    child.once('error', (cause) => reject(npmIsMissing(cause)));
    child.once('close', (code) => {
      const installed = existsSync(join(root, 'node_modules/.package-lock.json'));
      if (code === 0 && installed) resolve();
      else reject(npmFailed(args, code, output));
    });
  });
}

/**
 * The project's own Node must not run the npm that replaces it.
 * @param {string} root
 */
function environmentForNpm(root) {
  const ours = join(root, 'node_modules/.bin');
  const PATH = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder !== ours)
    .join(delimiter);
  return { ...process.env, PATH };
}

/** @param {Error} cause */
function npmIsMissing(cause) {
  return new SetupError('SETUP_NPM_MISSING', {
    what: 'npm is needed to install the node modules and did not start',
    found: cause.message,
    try: 'install npm beside Node: https://nodejs.org brings both, on Debian and Ubuntu `apt-get install npm` does',
  });
}

/**
 * @param {string[]} args
 * @param {number | null} code
 * @param {string} output
 */
function npmFailed(args, code, output) {
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network/i.test(output);
  return new SetupError('SETUP_NODE_MODULES', {
    what: `npm ${args[0]} ended with code ${code ?? 'none (killed)'}`,
    // npm says what is wrong first and explains its options after.
    found: output.trim().split('\n').slice(0, 15).join('\n') || 'no output',
    try: offline
      ? 'check the connection to the npm registry (npm ping; behind a proxy: npm config set proxy URL), then npm run setup again'
      : 'read the lines above, then npm run setup again; it starts over where that is needed',
  });
}
