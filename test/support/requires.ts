// A test that needs something of the machine says so. Without it: a visible skip with the reason locally, a failure in
// CI, where a skip would pass for a proof.
import { describe } from 'vitest';

/** Null when the component is there, else what was looked for and not found. */
export type Probe = () => string | null | Promise<string | null>;

/** What to do with tests that need `name`: run them, or skip them under a title that tells why. Throws in CI. */
export async function requireComponent(name: string, probe: Probe): Promise<typeof describe | typeof describe.skip> {
  const reason = await probe();
  if (reason === null) return describe;
  if (process.env['CI'] === 'true') throw new Error(`${name} is required in CI and missing: ${reason}`);
  return skippedBecause(`needs ${name}: ${reason}`);
}

function skippedBecause(reason: string): typeof describe.skip {
  const skip = (title: string, body: () => void) => describe.skip(`${title} (${reason})`, body);
  return Object.assign(skip, describe.skip);
}
