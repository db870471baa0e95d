// Two set-ups of one folder at once would delete each other's node modules: one works, the other waits.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { print } from './progress.mjs';

const HEARTBEAT_MS = 2_000;
const STALE_AFTER_MS = 20_000;

/**
 * Holds the lock until this process ends. A holder that died is replaced: at once when its process is gone from this
 * machine, else when its heartbeat has stopped (a container that shares the folder has other process ids).
 * @param {string} directory
 */
export async function acquireLock(directory) {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, 'setup.lock');
  const token = JSON.stringify({ pid: process.pid, host: hostname(), sinceMs: Date.now() });
  for (let told = false; !tryToLock(path, token); told = true) {
    const holder = readIfThere(path);
    if (holder !== null && isStale(path, holder)) removeStale(path, holder);
    else {
      if (!told) print('Another set-up of this folder is at work; waiting for it.');
      await pause(200);
    }
  }
  keepUntilExit(path, token);
}

/**
 * @param {string} path
 * @param {string} token
 */
function tryToLock(path, token) {
  try {
    writeFileSync(path, token, { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} path
 * @param {string} holder
 */
function isStale(path, holder) {
  try {
    const { pid, host } = /** @type {{ pid: number, host: string }} */ (JSON.parse(holder));
    if (host === hostname() && !isAlive(pid)) return true;
    return Date.now() - statSync(path).mtimeMs > STALE_AFTER_MS;
  } catch {
    // Half-written, or released between the two looks: only age decides, and only if it is still there.
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats !== undefined && Date.now() - stats.mtimeMs > STALE_AFTER_MS;
  }
}

/**
 * Renames before it removes, and puts back what turns out to be another, living lock.
 * @param {string} path
 * @param {string} holder
 */
function removeStale(path, holder) {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    renameSync(path, aside);
    if (readIfThere(aside) !== holder) linkSync(aside, path);
  } catch {
    // Somebody else removed it first; the next try to lock decides.
  }
  rmSync(aside, { force: true });
}

/**
 * @param {string} path
 * @param {string} token
 */
function keepUntilExit(path, token) {
  const heartbeat = setInterval(() => {
    if (readIfThere(path) === token) utimesSync(path, new Date(), new Date());
  }, HEARTBEAT_MS);
  heartbeat.unref();
  process.once('exit', () => {
    if (readIfThere(path) === token) rmSync(path, { force: true });
  });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.once(signal, () => process.exit(130));
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
