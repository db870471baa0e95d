// What Sluice needs of the system's own package manager: programs of others that npm does not carry.
import { existsSync } from 'node:fs';
import { IS_BUILT } from '../../client/engine/own-tree.ts';
import { findBusybox, findDockerd, findExecutable, findHaproxy, findMosquitto, findRegistry } from './locate.ts';
import { type Missing, type Outcome, present } from './outcome.ts';

export interface SystemComponent {
  /** What people call it. */
  readonly part: string;
  /** Its package on Debian and Ubuntu. */
  readonly debianPackage: string;
  /** The files that must stay for it to be there; null when it is missing. */
  readonly find: () => readonly string[] | null;
}

/**
 * The components that `platform` needs. Engines, registries and images of tests' own are made on Linux alone, and an
 * installed package has no tests.
 */
export function componentsOf(platform: NodeJS.Platform, withTests = !IS_BUILT): readonly SystemComponent[] {
  if (platform !== 'linux') return [...EVERYWHERE, DOCKER_ELSEWHERE];
  return [...EVERYWHERE, ...ON_LINUX, ...(withTests ? FOR_TESTS : [])];
}

const EVERYWHERE: readonly SystemComponent[] = [
  { part: 'mosquitto, the MQTT broker', debianPackage: 'mosquitto', find: () => one(findMosquitto()) },
  { part: 'HAProxy', debianPackage: 'haproxy', find: () => one(findHaproxy()) },
];

const ON_LINUX: readonly SystemComponent[] = [
  { part: 'Docker Engine', debianPackage: 'docker.io', find: () => one(findDockerd()) },
  { part: 'iptables', debianPackage: 'iptables', find: () => one(findAdministrators('iptables')) },
  { part: 'the program ip', debianPackage: 'iproute2', find: () => one(findAdministrators('ip')) },
  { part: 'an image registry', debianPackage: 'docker-registry', find: () => one(findRegistry()) },
];

const FOR_TESTS: readonly SystemComponent[] = [
  { part: 'a static busybox', debianPackage: 'busybox-static', find: () => one(findBusybox()) },
  { part: 'an SSH server', debianPackage: 'openssh-server', find: () => one(findAdministrators('sshd')) },
];

const SOCKET = '/var/run/docker.sock';

/** Where the engine runs in a virtual machine, this one has its socket and no daemon. */
const DOCKER_ELSEWHERE: SystemComponent = {
  part: 'Docker Engine',
  debianPackage: 'docker.io',
  find: () => {
    if (process.env['DOCKER_HOST']) return [];
    return existsSync(SOCKET) ? [SOCKET] : one(findDockerd());
  },
};

const one = (path: string | null): readonly string[] | null => (path === null ? null : [path]);

/** The PATH of ordinary users does not look where Debian puts programs of administrators. */
function findAdministrators(name: string): string | null {
  return findExecutable(name) ?? ['/usr/sbin', '/sbin'].map((folder) => `${folder}/${name}`).find(existsSync) ?? null;
}

/** What has to be installed for the components that are missing now. */
export function missingPackages(components: readonly SystemComponent[]): string[] {
  return components.filter(({ find }) => find() === null).map(({ debianPackage }) => debianPackage);
}

/** apt-get had nothing to complain of: it is a variable that names another place, or a PATH without the usual ones. */
const CORRECT = 'correct the PATH, or the variable that names it: HAPROXY_PATH, DOCKERD_PATH, REGISTRY_PATH';

/** All of them present, or one account of those that are not: they have one cause and one remedy. */
export function outcomeOf(
  components: readonly SystemComponent[],
  failure: Pick<Missing, 'found' | 'remedy'> | null,
): Outcome {
  const found = components.map(({ part, find }) => ({ part, paths: find() }));
  const missing = found.filter(({ paths }) => paths === null).map(({ part }) => part);
  if (missing.length === 0) return present(...found.flatMap(({ paths }) => paths ?? []));
  const unexplained = { found: 'installed, but not where it is looked for', remedy: CORRECT };
  return { kind: 'missing', part: missing.join('; '), ...(failure ?? unexplained) };
}
