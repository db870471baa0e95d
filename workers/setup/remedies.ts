// The command that installs packages on systems where the set-up does not install by itself. Packages have Debian's names.

/** A package manager that people have; `other` is one that is not known here. */
export type PackageManager = 'apt-get' | 'brew' | 'dnf' | 'pacman' | 'apk' | 'other';

type Names = Readonly<Record<string, string>>;

/** What a package is called where its name differs from Debian's. */
const NAMES: Readonly<Record<PackageManager, Names>> = {
  'apt-get': {},
  brew: { 'python3-venv': 'python3' },
  dnf: {
    'docker.io': 'moby-engine',
    'docker-registry': 'docker-distribution',
    'busybox-static': 'busybox',
    iproute2: 'iproute',
    'python3-venv': 'python3',
  },
  pacman: {
    'docker.io': 'docker',
    'busybox-static': 'busybox',
    'openssh-server': 'openssh',
    python3: 'python',
    'python3-venv': 'python',
  },
  apk: { 'docker.io': 'docker', 'python3-venv': 'python3' },
  other: {},
};

const COMMANDS: Readonly<Record<PackageManager, (names: string) => string>> = {
  'apt-get': (names) => `sudo apt-get install --no-install-recommends ${names}`,
  brew: (names) => `brew install ${names}   (https://brew.sh)`,
  dnf: (names) => `sudo dnf install ${names}`,
  pacman: (names) => `sudo pacman -S ${names}`,
  apk: (names) => `apk add ${names}`,
  other: (names) => `install ${names} with this system's package manager`,
};

const DOCKER_DESKTOP = 'Docker Desktop (https://docs.docker.com/desktop/)';

/** One line for people: how `packages` get onto a machine with that package manager. */
export function remedyFor(manager: PackageManager, packages: readonly string[]): string {
  const byDesktop = (name: string) => manager === 'brew' && name === 'docker.io';
  const names = packages.filter((name) => !byDesktop(name)).map((name) => NAMES[manager][name] ?? name);
  const command = names.length === 0 ? [] : [COMMANDS[manager]([...new Set(names)].join(' '))];
  return [...command, ...(packages.some(byDesktop) ? [DOCKER_DESKTOP] : [])].join(' and ');
}
