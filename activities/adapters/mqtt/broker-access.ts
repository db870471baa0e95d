import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Pool } from '../postgres/pool.ts';
import { devicePassword, GATEWAY_USER, gatewayPassword } from './credentials.ts';
import { aclText, BROKER_FILES, mosquittoConfig, passwordLine, type BrokerPlace } from './mosquitto-config.ts';

const PAGE = 5_000;
/** Lines made before other work of the process gets its turn. */
const LINES_PER_TURN = 500;

/**
 * Writes the broker's configuration and access rules, and a password file with only the gateway in it if there is none
 * yet: enough to start a broker before any database answers.
 */
export function writeBrokerFiles(place: BrokerPlace, key: Buffer): void {
  mkdirSync(place.folder, { recursive: true });
  replaceFile(join(place.folder, BROKER_FILES.configuration), mosquittoConfig(place));
  replaceFile(join(place.folder, BROKER_FILES.acl), aclText());
  const passwords = join(place.folder, BROKER_FILES.passwords);
  if (!existsSync(passwords)) replaceFile(passwords, `${gatewayLine(key)}\n`);
}

export interface AccessRebuild {
  readonly devices: number;
  /** The order that this rebuild fulfils. */
  readonly applied: number;
  /** False when no broker ran that had to be told: it reads the file when it starts. */
  readonly told: boolean;
}

/**
 * Gives every registered device its line in the password file of the broker in `folder`, has the broker read it, and
 * notes the order as fulfilled. Orders that come meanwhile stay open.
 */
export async function rebuildBrokerAccess(pool: Pool, folder: string, key: Buffer): Promise<AccessRebuild> {
  const { rows } = await pool.query<{ wanted: number }>('select wanted from broker_credentials');
  const applied = rows[0]?.wanted ?? 0;
  const lines = [gatewayLine(key)];
  for await (const thing of registeredThings(pool)) {
    lines.push(passwordLine(thing, devicePassword(key, thing)));
    if (lines.length % LINES_PER_TURN === 0) await setImmediate();
  }
  replaceFile(join(folder, BROKER_FILES.passwords), `${lines.join('\n')}\n`);
  const told = tellBroker(folder);
  await pool.query('update broker_credentials set applied = $1 where applied < $1', [applied]);
  return { devices: lines.length - 1, applied, told };
}

/** Counts all orders as fulfilled, for a broker whose users are kept elsewhere. */
export async function markAccessApplied(pool: Pool): Promise<void> {
  await pool.query('update broker_credentials set applied = wanted where applied < wanted');
}

/** True while an order of credentials is open. */
export async function isAccessOutdated(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ outdated: boolean }>(
    'select wanted > applied as outdated from broker_credentials',
  );
  return rows[0]?.outdated ?? false;
}

const gatewayLine = (key: Buffer): string => passwordLine(GATEWAY_USER, gatewayPassword(key));

async function* registeredThings(pool: Pool): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<[string]>({
      text: 'select thing from devices where thing > $1 order by thing limit $2',
      values: [after, PAGE],
      rowMode: 'array',
    });
    for (const [thing] of rows) yield thing;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    [after] = last;
  }
}

/** The broker never sees half a file; only its owner reads it. */
function replaceFile(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}

/** SIGHUP makes mosquitto read its password file again; connected devices stay. */
function tellBroker(folder: string): boolean {
  try {
    const pid = Number(readFileSync(join(folder, BROKER_FILES.pid), 'utf8'));
    // A killed broker leaves its pid behind, and whoever has it now would die of the signal.
    if (!Number.isInteger(pid) || pid <= 1 || !commandOf(pid).includes(join(folder, BROKER_FILES.configuration)))
      return false;
    process.kill(pid, 'SIGHUP');
    return true;
  } catch {
    return false;
  }
}

function commandOf(pid: number): string {
  if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
}
