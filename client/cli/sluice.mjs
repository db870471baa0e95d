#!/usr/bin/env node
// Starts the CLI on a Node that runs TypeScript sources: this one, or the project's own when this one is too old.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 19;
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isTooOld = major < OLDEST_MAJOR || (major === OLDEST_MAJOR && minor < OLDEST_MINOR);

if (isTooOld) runOnOwnNode(join(root, 'node_modules', '.bin', 'node'));
else await run();

async function run() {
  // Before the cache of compiled sources, which would leave a folder of modules without modules.
  const modules = join(root, 'node_modules');
  if (!existsSync(join(modules, 'commander')))
    endMissing(`the installed packages were not found (looked in ${modules})`);
  if (major < 24) muteTypeStrippingWarning();
  // Stripped and compiled sources are kept beside the modules: it halves the start.
  nodeModule.enableCompileCache?.(join(root, 'node_modules', '.cache', 'sluice'));
  const { runProcess } = await import('./main.ts');
  await runProcess(process);
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
  process.stderr.write(`✗ COMPONENT_MISSING  ${why}\n  try    npm run setup\n`);
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
