// Makes `npx sluice` and `npx milk` find the commands of this very clone.
import { chmodSync, existsSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Outcome, present } from './outcome.ts';

/** The commands and their entries, as package.json has them. */
const COMMANDS = { sluice: 'client/cli/sluice.mjs', milk: 'client/cli/milk/milk.mjs' } as const;

export function linkCommands(root: string): Outcome {
  const folder = join(root, 'node_modules/.bin');
  mkdirSync(folder, { recursive: true });
  const links = Object.entries(COMMANDS).map(([name, entry]) => linked(join(folder, name), entry));
  return present(...links.filter(existsSync));
}

function linked(link: string, entry: string): string {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(join('../..', entry), link);
  if (existsSync(link)) chmodSync(link, 0o755);
  return link;
}
