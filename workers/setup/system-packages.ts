// What only the system's package manager can bring (Debian and Ubuntu): said first, installed once, no service left.
import { join } from 'node:path';
import { print, timed } from './progress.mjs';
import { findExecutable } from './locate.ts';
import { type PackageManager, remedyFor } from './remedies.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** Starts and enables nothing, and says there how. */
const SCRIPT = join(import.meta.dirname, 'install-quietly.sh');

/** How this process may install packages: `none` on other systems and without root or passwordless sudo. */
export type Installer =
  { readonly kind: 'root' } | { readonly kind: 'sudo' } | { readonly kind: 'none'; readonly remedy: string };

export async function findInstaller(packages: readonly string[]): Promise<Installer> {
  if (findExecutable('apt-get') === null) return { kind: 'none', remedy: remedyFor(packageManager(), packages) };
  if (process.getuid?.() === 0) return { kind: 'root' };
  if ((await runCommand('sudo', ['-n', 'true'])).code === 0) return { kind: 'sudo' };
  return { kind: 'none', remedy: remedyFor('apt-get', packages) };
}

/**
 * Installs with apt-get after saying what. Result: the last apt-get's. Services of the new packages are neither started
 * nor enabled; a service that was there before is left as it is.
 */
export async function installPackages(packages: readonly string[], installer: Installer): Promise<CommandResult> {
  if (installer.kind === 'none') return { code: 1, output: installer.remedy };
  const how = installer.kind === 'root' ? 'apt-get' : 'sudo apt-get';
  print(`  ${how} will install: ${packages.join(', ')} (with what they depend on; no service is started or enabled)`);
  const install = () => {
    const script = ['sh', SCRIPT, '', ...packages];
    const [command = 'sh', ...args] = installer.kind === 'root' ? script : ['sudo', '-n', ...script];
    return runCommand(command, args);
  };
  return timed(`system packages (${packages.join(', ')})`, install, ({ code }) => code === 0);
}

/** The package manager of this machine, for people who have to install by themselves. */
function packageManager(): PackageManager {
  if (process.platform === 'darwin') return 'brew';
  if (findExecutable('dnf') !== null) return 'dnf';
  if (findExecutable('pacman') !== null) return 'pacman';
  return findExecutable('apk') === null ? 'other' : 'apk';
}
