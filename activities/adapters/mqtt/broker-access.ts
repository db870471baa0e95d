import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { devicePassword, deviceUser, GATEWAY_USER, gatewayPassword, thingOfUser } from './credentials.ts';
import {
  aclText,
  BROKER_FILES,
  isRenamed,
  mosquittoConfig,
  passwordLine,
  type BrokerPlace,
} from './mosquitto-config.ts';

/** Lines made before other work of the process gets its turn. */
const LINES_PER_TURN = 500;

/**
 * Writes the broker's configuration and access rules, and a password file with only the gateway in it if there is none
 * yet: enough to start a broker before any database answers.
 */
export function writeBrokerFiles(place: BrokerPlace, key: Buffer): void {
  mkdirSync(place.folder, { recursive: true });
  replaceFile(join(place.folder, BROKER_FILES.configuration), mosquittoConfig(place));
  const passwords = join(place.folder, BROKER_FILES.passwords);
  replaceFile(join(place.folder, BROKER_FILES.acl), aclText(renamedIn(passwords)));
  if (!existsSync(passwords)) replaceFile(passwords, `${gatewayLine(key)}\n`);
}

/** The things with rules of their own that stand in the password file. */
function renamedIn(passwords: string): string[] {
  if (!existsSync(passwords)) return [];
  const users = readFileSync(passwords, 'utf8').matchAll(/^[^:\n]+(?=:)/gm);
  return Array.from(users, ([user]) => thingOfUser(user)).filter(isRenamed);
}

/** Gives each of `things` its password and its rights in `folder`, and nobody else; returns how many they were. */
export async function writeAccess(folder: string, key: Buffer, things: AsyncIterable<string>): Promise<number> {
  const lines = [gatewayLine(key)];
  const renamed: string[] = [];
  for await (const thing of things) {
    lines.push(passwordLine(deviceUser(thing), devicePassword(key, thing)));
    if (isRenamed(thing)) renamed.push(thing);
    if (lines.length % LINES_PER_TURN === 0) await setImmediate();
  }
  replaceFile(join(folder, BROKER_FILES.acl), aclText(renamed));
  replaceFile(join(folder, BROKER_FILES.passwords), `${lines.join('\n')}\n`);
  return lines.length - 1;
}

const gatewayLine = (key: Buffer): string => passwordLine(GATEWAY_USER, gatewayPassword(key));

/** The broker never sees half a file; only its owner reads it. */
function replaceFile(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}

/**
 * Has the broker in `folder` read its passwords and rules again (SIGHUP); connected devices stay. False when none runs that had
 * to be told: it reads them when it starts.
 */
export function tellBroker(folder: string): boolean {
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
