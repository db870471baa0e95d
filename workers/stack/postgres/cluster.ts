import { execFile } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from '../command.ts';
import { accountFor, asAccount } from './account.ts';
import { PART_MARK } from '../../../client/engine/stack/leftovers.ts';
import { findPostgresPrograms } from '../../../client/engine/stack/components/postgres-programs.ts';

export interface Cluster {
  /** Folder of the cluster's files. */
  readonly folder: string;
  readonly port: number;
  /** False only where losing everything with the machine is fine (throw-away test databases). */
  readonly durable: boolean;
}

/** Makes the cluster's files when they are not there yet; a creation that was cut short is done again. Takes about 1 s. */
export async function prepareCluster({ folder, durable }: Cluster): Promise<void> {
  if (existsSync(join(folder, 'PG_VERSION'))) return;
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  const account = accountFor(folder);
  if (account) chownSync(unfinished, account.uid, account.gid);
  const { initdb } = findPostgresPrograms();
  const args = [
    `--pgdata=${unfinished}`,
    '--username=postgres',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
    ...(durable ? [] : ['--no-sync']),
  ];
  const command = asAccount(account, { file: initdb, args }, [initdb, unfinished]);
  await promisify(execFile)(command.file, [...command.args], {
    cwd: dirname(unfinished),
    // Whoever clears up after a killed sluice up finds it by this, before another one makes the same files.
    env: { ...process.env, [PART_MARK]: dirname(folder) },
    ...command.account,
  });
  if (existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  // The rename is what says "finished": a kill in the middle of initdb leaves a folder that no server would start on.
  renameSync(unfinished, folder);
}

/** The server on the cluster's files, listening on 127.0.0.1 only; SIGINT ends it fast and clean. */
export function postgresCommand({ folder, port, durable }: Cluster): Command {
  const { postgres } = findPostgresPrograms();
  const switched = durable ? 'on' : 'off';
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: switched,
    synchronous_commit: switched,
    full_page_writes: switched,
    // Several writers commit together anyway; a longer wait would only add to the devices' answers.
    commit_delay: '0',
    log_checkpoints: 'off',
  };
  const args = ['-D', folder, '-p', String(port)];
  for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`);
  return asAccount(accountFor(folder), { file: postgres, args }, [postgres, folder]);
}
