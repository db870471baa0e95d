// The stamp says that an earlier set-up was complete, for which inputs, and which files must still be there.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = 'node_modules/.sluice-setup';
const INPUTS = ['package.json', 'package-lock.json', 'workers/setup/versions.ts', 'workers/setup/system-components.ts'];

/** @typedef {{ inputs: string, paths: string[] }} Stamp */

/**
 * True when nothing has to be done; costs four small files and one look at each recorded path.
 * @param {string} root
 */
export function isSetUp(root) {
  try {
    const stamp = /** @type {Stamp} */ (JSON.parse(readFileSync(join(root, STAMP), 'utf8')));
    return stamp.inputs === digestOfInputs(root) && stamp.paths.every((path) => existsSync(path));
  } catch {
    return false;
  }
}

/**
 * @param {string} root
 * @param {string[]} paths absolute paths without which the set-up must run again
 */
export function writeStamp(root, paths) {
  writeFileSync(join(root, STAMP), JSON.stringify({ inputs: digestOfInputs(root), paths }, null, 2));
}

/** @param {string} root */
function digestOfInputs(root) {
  const hash = createHash('sha256').update(root);
  for (const input of INPUTS) hash.update(readFileSync(join(root, input))).update('\0');
  return hash.digest('hex');
}
