#!/usr/bin/env node
// The first step of every command: plain JavaScript on any Node from 20 on, with nothing installed.
// It brings the node modules, then hands over to the project's own Node 24 (steps.ts) for the rest.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { acquireLock } from './lock.mjs';
import { bringNodeModules, modulesAreCurrent } from './node-modules.mjs';
import { SetupError, print } from './progress.mjs';
import { isSetUp } from './stamp.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const quiet = process.argv.includes('--quiet');

try {
  process.exitCode = await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

/** Exit code: 0 when the commands of this project can run (what is missing is said), 1 when they cannot. */
async function setUp() {
  refuseUnsupportedMachine();
  if (isSetUp(root)) return alreadyDone();
  await acquireLock(join(root, '.tools'));
  if (isSetUp(root)) return alreadyDone();
  if (!modulesAreCurrent(root)) await bringNodeModules(root);
  return runOnProjectNode();
}

function alreadyDone() {
  if (!quiet) print('Everything that Sluice needs is in place.');
  return 0;
}

function refuseUnsupportedMachine() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    throw new SetupError('SETUP_NODE_TOO_OLD', {
      what: `Node ${process.versions.node} cannot run the set-up`,
      found: `${process.execPath}, version ${process.versions.node}; needed: 20 or newer`,
      try: 'install Node 22 or 24 from https://nodejs.org; the project brings its own Node 24 after that',
    });
  }
  if (process.platform === 'win32') {
    throw new SetupError('SETUP_PLATFORM', {
      what: 'Windows is not supported directly',
      found: 'PostgreSQL, mosquitto and Temporal are run as Unix processes',
      try: 'clone and run inside WSL 2 (wsl --install)',
    });
  }
}

/** @returns {Promise<number>} */
function runOnProjectNode() {
  const node = join(root, 'node_modules/.bin/node');
  return new Promise((resolve, reject) => {
    const child = spawn(node, [join(root, 'workers/setup/steps.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
    child.once('error', (cause) => {
      const what = `the project's own Node did not start: ${cause.message}`;
      reject(
        new SetupError('SETUP_PROJECT_NODE', { what, found: node, try: 'delete node_modules and run npm run setup' }),
      );
    });
    child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
  });
}
