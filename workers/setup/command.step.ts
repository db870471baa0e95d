// Makes `npx sluice` find the command of this very clone.
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, present } from './outcome.ts';

const ENTRY = 'client/cli/sluice.mjs';

export function linkCommand(root: string): Outcome {
  const folder = join(root, 'node_modules/.bin');
  const link = join(folder, 'sluice');
  mkdirSync(folder, { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(join('../..', ENTRY), link);
  if (!existsSync(link)) return present();
  chmodSync(link, 0o755);
  return present(link);
}
