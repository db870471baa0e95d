// PostgreSQL refuses to run as root: there it runs as another user, without making one.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';
import type { Account, Command } from '../command.ts';

const SEARCHABLE_BY_OTHERS = 0o001;
const SETPRIV = '/usr/bin/setpriv';

/** Whom the cluster in `cluster` belongs to when this process is root: its present owner, else `postgres`, else `nobody`. */
export function accountFor(cluster: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(join(cluster, 'PG_VERSION'))) {
    const { uid, gid } = statSync(cluster);
    return { uid, gid };
  }
  const account = accountNamed('postgres') ?? accountNamed('nobody');
  if (!account)
    throw sluiceError('COMPONENT_MISSING', { component: 'a user to run PostgreSQL as', looked: '/etc/passwd' });
  return account;
}

function accountNamed(name: string): Account | undefined {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/**
 * `command` as `account`. Where that user could not even enter the folders on the way (a clone under /root, mode 700),
 * it keeps the one capability that lets it: changing the modes of somebody's home is not ours to do.
 */
export function asAccount(account: Account | undefined, command: Command, folders: readonly string[]): Command {
  if (!account) return command;
  if (folders.every(isReachableByOthers)) return { ...command, account };
  if (!existsSync(SETPRIV)) return { ...command, account };
  const keep = ['--securebits=+no_setuid_fixup', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  const switched = [`--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', ...keep];
  return { ...command, file: SETPRIV, args: [...switched, command.file, ...command.args] };
}

function isReachableByOthers(folder: string): boolean {
  for (let at = dirname(folder); ; at = dirname(at)) {
    if ((statSync(at).mode & SEARCHABLE_BY_OTHERS) === 0) return false;
    if (at === dirname(at)) return true;
  }
}
