// How the set-up speaks: one line a step with its time, one block an error.

/** A program reads one document and no lines. */
const isSilent = process.argv.includes('--json');

/** @param {string} line */
export function print(line) {
  if (!isSilent) process.stdout.write(`${line}\n`);
}

/**
 * Announces a step, runs it, and says how it ended and how long it took.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} action
 * @param {(result: T) => boolean} isGood
 * @returns {Promise<T>}
 */
export async function timed(name, action, isGood = () => true) {
  print(`  … ${name}`);
  const startedMs = Date.now();
  const result = await action();
  print(`  ${isGood(result) ? '✓' : '✗'} ${name}  ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return result;
}

/** What, found, try: the form that all errors of Sluice have. */
export class SetupError extends Error {
  /**
   * @param {string} code
   * @param {{ what: string, found: string, try: string }} block
   */
  constructor(code, block) {
    const indented = block.found.trim().split('\n').join('\n         ');
    super(`✗ ${code}  ${block.what}\n  found  ${indented}\n  try    ${block.try}`);
    this.name = 'SetupError';
    this.code = code;
  }
}
