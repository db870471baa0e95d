import { afterEach, describe, expect, it, vi } from 'vitest';
import { remedyFor } from '../../../workers/setup/remedies.ts';
import {
  componentsOf,
  missingPackages,
  outcomeOf,
  type SystemComponent,
} from '../../../workers/setup/system-components.ts';

const there: SystemComponent = { part: 'HAProxy', debianPackage: 'haproxy', find: () => ['/usr/sbin/haproxy'] };
const gone: SystemComponent = { part: 'Docker Engine', debianPackage: 'docker.io', find: () => null };
const alsoGone: SystemComponent = { part: 'iptables', debianPackage: 'iptables', find: () => null };

const packagesOf = (platform: NodeJS.Platform): string[] =>
  componentsOf(platform).map(({ debianPackage }) => debianPackage);

describe('the components that the system brings', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('are on Linux those of fleets, of container releases and of their tests', () => {
    const fleets = ['mosquitto'];
    const containers = ['haproxy', 'docker.io', 'iptables', 'iproute2', 'docker-registry'];
    const tests = ['busybox-static', 'openssh-server'];
    expect(packagesOf('linux')).toEqual([...fleets, ...containers, ...tests]);
    const withoutTests = componentsOf('linux', false).map(({ debianPackage }) => debianPackage);
    expect(withoutTests).toEqual([...fleets, ...containers]);
  });

  it('are elsewhere no engine of one’s own, and nothing that only such an engine needs', () => {
    expect(packagesOf('darwin')).toEqual(['mosquitto', 'haproxy', 'docker.io']);
    vi.stubEnv('DOCKER_HOST', 'tcp://elsewhere:2375');
    expect(missingPackages(componentsOf('darwin'))).not.toContain('docker.io');
  });

  it.each([
    ['HAPROXY_PATH', 'haproxy'],
    ['DOCKERD_PATH', 'docker.io'],
    ['REGISTRY_PATH', 'docker-registry'],
  ])('are looked for where %s says', (variable, debianPackage) => {
    vi.stubEnv(variable, process.execPath);
    expect(missingPackages(componentsOf('linux'))).not.toContain(debianPackage);
    vi.stubEnv(variable, '/nowhere/program');
    expect(missingPackages(componentsOf('linux'))).toContain(debianPackage);
  });

  it('are installed only where they are missing', () => {
    expect(missingPackages([there, gone, alsoGone])).toEqual(['docker.io', 'iptables']);
  });

  it('make the set-up run again when one of their files goes', () => {
    expect(outcomeOf([there], null)).toEqual({ kind: 'present', paths: ['/usr/sbin/haproxy'] });
  });

  it('are told together when they are missing, with the one remedy', () => {
    const failure = { found: 'no docker.io', remedy: 'sudo apt-get install docker.io' };
    expect(outcomeOf([there, gone, alsoGone], failure)).toEqual({
      kind: 'missing',
      part: 'Docker Engine; iptables',
      ...failure,
    });
    expect(outcomeOf([gone], null)).toMatchObject({
      kind: 'missing',
      remedy: expect.stringContaining('PATH') as string,
    });
  });
});

describe('the remedy where nothing is installed by the set-up', () => {
  it.each([
    ['apt-get', 'sudo apt-get install --no-install-recommends mosquitto docker.io iproute2'],
    ['dnf', 'sudo dnf install mosquitto moby-engine iproute'],
    ['pacman', 'sudo pacman -S mosquitto docker iproute2'],
    ['apk', 'apk add mosquitto docker iproute2'],
    ['other', "install mosquitto docker.io iproute2 with this system's package manager"],
  ] as const)('names the packages as %s does', (manager, line) => {
    expect(remedyFor(manager, ['mosquitto', 'docker.io', 'iproute2'])).toBe(line);
  });

  it('is Docker Desktop for the engine on macOS', () => {
    const desktop = 'Docker Desktop (https://docs.docker.com/desktop/)';
    expect(remedyFor('brew', ['haproxy', 'docker.io'])).toBe(`brew install haproxy   (https://brew.sh) and ${desktop}`);
    expect(remedyFor('brew', ['docker.io'])).toBe(desktop);
  });
});
