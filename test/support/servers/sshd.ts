// A real SSH server on a free port of 127.0.0.1 that lets one key in.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { userInfo } from 'node:os';
import { needs } from '../requires.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';

const SSHD = '/usr/sbin/sshd';

needs('sshd', () => {
  if (!existsSync(SSHD)) throw new Error(`no ${SSHD}: apt-get install openssh-server`);
});
needs('docker', () => execFileSync('docker', ['--version']));

export interface SshServer extends ServerProcess {
  readonly port: number;
  readonly user: string;
  /** The private key that it lets in. */
  readonly key: string;
  /** `SHA256:…` of its own key. */
  readonly hostKey: string;
}

/** Commands that are run through it have `env` beside their own. */
export async function startSshd(env: Readonly<Record<string, string>>): Promise<SshServer> {
  const folder = makeTempFolder('sshd');
  const path = (name: string): string => join(folder.path, name);
  for (const name of ['host', 'client'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path(name)]);
  // Where it locks its unprivileged half in.
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${path('host')}`,
    `AuthorizedKeysFile ${path('client.pub')}`,
    `PidFile ${path('sshd.pid')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'PermitRootLogin prohibit-password',
    `SetEnv ${variables.join(' ')}`,
  ];
  writeFileSync(path('config'), `${lines.join('\n')}\n`);
  const server = await startServer({ file: SSHD, args: ['-D', '-e', '-f', path('config')] }, () => accepts(port));
  const stop = async () => {
    await server.stop();
    folder.remove();
  };
  const [, hostKey = ''] = execFileSync('ssh-keygen', ['-lf', path('host.pub')], { encoding: 'utf8' }).split(' ');
  return { ...server, stop, port, user: userInfo().username, key: readFileSync(path('client'), 'utf8'), hostKey };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
