// The embedded PostgreSQL comes with the node modules, but npm packs no symbolic links: its own script would make them,
// and install scripts do not run everywhere. So they are made here.
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { findPostgresPackage } from './locate.ts';
import { type Outcome, present } from './outcome.ts';
import { lastLines, runCommand } from './run-command.ts';

interface PackedLink {
  /** What the link points to, from the package's folder. */
  readonly source: string;
  /** Where the link is, from the package's folder. */
  readonly target: string;
}

/** PostgreSQL's binaries made runnable and tried once. */
export async function preparePostgres(): Promise<Outcome> {
  const folder = findPostgresPackage();
  if (folder === null) {
    return { ...missing, found: `no embedded build for ${process.platform} on ${process.arch}` };
  }
  linkLibraries(folder);
  const executables = ['postgres', 'initdb', 'pg_ctl'].map((name) => join(folder, 'native/bin', name));
  for (const path of executables) chmodSync(path, 0o755);
  for (const path of executables) {
    const { code, output } = await runCommand(path, ['--version']);
    if (code !== 0) return { ...missing, found: `${basename(path)} does not run here: ${lastLines(output, 3)}` };
  }
  return present(...executables);
}

const missing = {
  kind: 'missing',
  part: 'PostgreSQL',
  remedy: 'give your own server: SLUICE_DATABASE_URL=postgresql://user:password@host:5432/database',
} as const;

function linkLibraries(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as PackedLink[]) {
    const link = join(folder, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}
