// Starts a command line on a Node that is new enough: this one, or in a clone the project's own when this one is too old.
// A clone runs TypeScript sources; an installed package, what was built of them.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 19;
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const isBuilt = existsSync(join(here, 'main.js'));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isTooOld = major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR);

/**
 * Ends the process with the command's exit code.
 * @param {() => Promise<{ runProcess: (process: NodeJS.Process) => Promise<void> }>} load imports the command line; not called where it could not be run
 */
export async function launch(load) {
  if (isTooOld) runOnOwnNode(join(root, 'node_modules', '.bin', 'node'));
  else await run(load);
}

/** @param {Parameters<typeof launch>[0]} load */
async function run(load) {
  // Before the cache of compiled sources, which would leave a folder of modules without modules.
  if (!isInstalled('commander')) endMissing(`the installed packages were not found (looked from ${root} upwards)`);
  if (major < 24 && !isBuilt) muteTypeStrippingWarning();
  // Compiled sources are kept: it halves the start.
  nodeModule.enableCompileCache?.(isBuilt ? join(root, '.cache') : join(root, 'node_modules', '.cache', 'sluice'));
  const { runProcess } = await load();
  await runProcess(process);
}

/** @param {string} name */
function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** @param {string} node */
function runOnOwnNode(node) {
  if (!existsSync(node))
    endMissing(`Sluice needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer, this is ${process.versions.node}`);
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; a service manager signals only this process.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])) {
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)));
  }
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 1);
  });
}

/**
 * In the form and with the exit code of the catalogue, which cannot be loaded yet.
 * @param {string} why
 * @returns {never}
 */
function endMissing(why) {
  const way = isBuilt ? 'install Node 24 (https://nodejs.org), then npm install' : 'npm run setup';
  process.stderr.write(`✗ COMPONENT_MISSING  ${why}\n  try    ${way}\n`);
  process.exit(6);
}

function muteTypeStrippingWarning() {
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = /** @type {typeof process.emitWarning} */ (
    (warning, ...rest) => {
      if (!String(warning).includes('Type Stripping')) Reflect.apply(emitWarning, process, [warning, ...rest]);
    }
  );
}
