import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFiles } from './temp-project.ts';

const SCRIPT = join(import.meta.dirname, '../../../workers/setup/install-quietly.sh');
const UNITS = 'lib/systemd/system';

describe('the quiet installation of system packages', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sluice-install-'));
    mkdirSync(join(root, 'usr/sbin'), { recursive: true });
    for (const name of ['systemctl', 'update-rc.d']) fake(name, 'true');
    aptInstalls('true');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A program of that name that says its arguments in the log, then runs `script` in sh. */
  function fake(name: string, script: string): void {
    writeFiles(root, { [`fake-bin/${name}`]: `#!/bin/sh\necho "${name} $*" >> "${root}/log"\n${script}\n` });
    chmodSync(join(root, 'fake-bin', name), 0o755);
  }

  /** What apt-get does when it is asked to install, and says when it is asked what it would do. */
  const aptInstalls = (script: string, simulated = ':') =>
    fake('apt-get', `case " $* " in *" -s "*) ${simulated};; *" update "*) ;; *) cd "${root}"; ${script};; esac`);

  /** Shell text that installs the units and the start script of Docker. */
  const docker = () => `mkdir -p ${UNITS} etc/init.d; touch ${UNITS}/docker.service ${UNITS}/docker.socket
    printf '#!/bin/sh\\necho "init.d docker $*" >> "${root}/log"' > etc/init.d/docker; chmod 755 etc/init.d/docker`;

  const install = (...packages: string[]) => {
    const run = spawnSync('sh', [SCRIPT, root, ...packages], {
      env: { PATH: `${join(root, 'fake-bin')}:${process.env['PATH'] ?? ''}` },
      cwd: root,
      encoding: 'utf8',
    });
    return { code: run.status, output: run.stdout + run.stderr };
  };

  const log = (): string[] => readFileSync(join(root, 'log'), 'utf8').trim().split('\n');
  const logged = (program: string): string[] =>
    log()
      .filter((line) => line.startsWith(`${program} `))
      .map((line) => line.slice(program.length + 1));

  it('installs everything by one call', () => {
    expect(install('docker.io', 'haproxy').code).toBe(0);
    const calls = logged('apt-get').filter((line) => !line.includes(' -s '));
    expect(calls).toEqual([expect.stringMatching(/ install -y --no-install-recommends docker\.io haproxy$/)]);
  });

  it('forbids services to start while it installs, and leaves nothing of that', () => {
    aptInstalls('sh usr/sbin/policy-rc.d docker start; echo "policy $?" >> log');
    install('docker.io');
    expect(logged('policy')).toEqual(['101']);
    expect(existsSync(join(root, 'usr/sbin/policy-rc.d'))).toBe(false);
  });

  it("keeps a policy of the machine's own", () => {
    writeFiles(root, { 'usr/sbin/policy-rc.d': 'exit 0' });
    install('docker.io');
    expect(readFileSync(join(root, 'usr/sbin/policy-rc.d'), 'utf8')).toBe('exit 0');
  });

  it('disables and stops every unit that is new, sockets too', () => {
    mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
    aptInstalls(docker());
    install('docker.io');
    expect(logged('systemctl')).toEqual(['disable --now docker.service', 'disable --now docker.socket']);
    expect(logged('update-rc.d')).toEqual(['docker disable']);
    expect(logged('init.d')).toEqual([]);
  });

  it('disables for the next boot and stops by the start script where systemd does not run', () => {
    aptInstalls(docker());
    install('docker.io');
    expect(logged('systemctl')).toEqual(['disable docker.service', 'disable docker.socket']);
    expect(logged('init.d')).toEqual(['docker stop']);
  });

  it('leaves what was there before as it is', () => {
    writeFiles(root, { [`${UNITS}/docker.service`]: '', 'etc/init.d/docker': '' });
    aptInstalls(docker());
    install('docker.io');
    expect(logged('systemctl')).toEqual(['disable docker.socket']);
    expect(logged('update-rc.d')).toEqual([]);
  });

  it('disables also what a failed installation brought', () => {
    aptInstalls(`${docker()}; exit 100`);
    expect(install('docker.io').code).toBe(100);
    expect(logged('systemctl')).toContain('disable docker.socket');
  });

  it('renews the lists of packages when it could not install, and tries again', () => {
    aptInstalls('[ -e tried ] || { touch tried; exit 100; }');
    expect(install('haproxy').code).toBe(0);
    expect(logged('apt-get').some((line) => line.endsWith(' update'))).toBe(true);
  });

  it('removes no package of others', () => {
    aptInstalls(docker(), 'echo "Remv containerd.io [1.7]"');
    const { code, output } = install('docker.io');
    expect(code).toBe(100);
    expect(output).toContain('apt-get would remove containerd.io');
    expect(existsSync(join(root, UNITS))).toBe(false);
  });

  it('lets a static busybox take the place of another', () => {
    aptInstalls('true', 'echo "Remv busybox [1.35]"');
    expect(install('busybox-static').code).toBe(0);
  });
});
