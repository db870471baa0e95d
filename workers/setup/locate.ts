// Where the executables of the parts are: the project's own tool folder first, then the machine.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TEMPORAL_WHEELS } from './versions.ts';

/** Folders in which servers live although they are not on every user's PATH. */
const SERVER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin', '/usr/local/opt/mosquitto/sbin'];

/** Path of the mosquitto broker, or null when this machine has none. */
export function findMosquitto(): string | null {
  return findExecutable('mosquitto', [...foldersOnPath(), ...SERVER_FOLDERS]);
}

/** Path of the Temporal CLI with its dev server: `TEMPORAL_CLI_PATH`, the tool folder, the PATH; null when none is there. */
export function findTemporalCli(root: string): string | null {
  const given = process.env['TEMPORAL_CLI_PATH'];
  if (given !== undefined && isExecutable(given)) return given;
  return findExecutable(TEMPORAL_WHEELS.cli.executable, [toolFolder(root), ...foldersOnPath()]);
}

/** Path of Temporal's time-skipping test server, or null. */
export function findTemporalTestServer(root: string): string | null {
  return findExecutable(TEMPORAL_WHEELS.testServer.executable, [toolFolder(root), ...foldersOnPath()]);
}

/** First of `folders` that has an executable of that name, or null. */
export function findExecutable(name: string, folders: readonly string[] = foldersOnPath()): string | null {
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export function toolFolder(root: string): string {
  return join(root, '.tools/bin');
}

function foldersOnPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
