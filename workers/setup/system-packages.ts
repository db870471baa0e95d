// What only the system's package manager can bring (Debian and Ubuntu): said first, installed once, no service left.
import { existsSync } from 'node:fs';
import { print, timed } from './progress.mjs';
import { findExecutable } from './locate.ts';
import { type CommandResult, runCommand } from './run-command.ts';

/** How this process may install packages: `none` on other systems and without root or passwordless sudo. */
export type Installer =
  { readonly kind: 'root' } | { readonly kind: 'sudo' } | { readonly kind: 'none'; readonly remedy: string };

export async function findInstaller(packages: readonly string[]): Promise<Installer> {
  const names = packages.join(' ');
  if (findExecutable('apt-get') === null) return { kind: 'none', remedy: remedyElsewhere(names) };
  if (process.getuid?.() === 0) return { kind: 'root' };
  if ((await runCommand('sudo', ['-n', 'true'])).code === 0) return { kind: 'sudo' };
  return { kind: 'none', remedy: `sudo apt-get install --no-install-recommends ${names}` };
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
    const script = ['sh', '-c', INSTALL_QUIETLY, 'install', ...packages];
    const [command = 'sh', ...args] = installer.kind === 'root' ? script : ['sudo', '-n', ...script];
    return runCommand(command, args);
  };
  return timed(`system packages (${packages.join(', ')})`, install, ({ code }) => code === 0);
}

/**
 * policy-rc.d is Debian's own way to install without starting; it is written for this one installation only, and removed
 * by a trap. Package scripts enable units for the next boot all the same, so units that are new are disabled after.
 */
const INSTALL_QUIETLY = `
policy=/usr/sbin/policy-rc.d
units() { ls /lib/systemd/system /usr/lib/systemd/system /etc/init.d 2>/dev/null | sort -u; }
before=$(units)
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' HUP INT TERM
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }
apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; }
result=$?
if [ "$result" = 0 ] && ! printf '%s\\n' "$before" | grep -qx 'mosquitto\\(\\.service\\)\\{0,1\\}'; then
  if [ -d /run/systemd/system ]; then systemctl disable --now mosquitto.service
  elif command -v systemctl; then systemctl disable mosquitto.service
  fi
  if [ -x /etc/init.d/mosquitto ]; then
    [ -d /run/systemd/system ] || /etc/init.d/mosquitto stop
    ! command -v update-rc.d || update-rc.d mosquitto disable
  fi
fi >/dev/null 2>&1
exit "$result"
`;

function remedyElsewhere(names: string): string {
  if (process.platform === 'darwin') return `brew install ${names}   (https://brew.sh)`;
  if (findExecutable('dnf') !== null) return `sudo dnf install ${names}`;
  if (findExecutable('pacman') !== null) return `sudo pacman -S ${names}`;
  if (findExecutable('apk') !== null || existsSync('/etc/alpine-release')) return `apk add ${names}`;
  return `install ${names} with this system's package manager`;
}
