import { join } from 'node:path';
import { sluiceError } from '#domain/errors/failure.ts';

/** Where one router lives: everything it needs is in one folder. */
export interface RouterPlace {
  /** Absolute path. */
  readonly folder: string;
  /** The HAProxy program. */
  readonly program: string;
}

/** How all routes are served; kept beside the routes, so that every process that writes them writes the same. */
export interface RouterOptions {
  /** Times that a request is tried again at another member after a failed connection; 0 shows every fault to the client. */
  readonly retries: 0 | 3;
}

export const DEFAULT_OPTIONS: RouterOptions = { retries: 3 };

// A socket's path has 108 bytes, and HAProxy adds its process id to it while it starts.
const LONGEST_SOCKET_PATH = 90;
/** It stands in the configuration between brackets and commas. */
const PLAIN_PATH = /^\/[A-Za-z0-9/._@+~-]*$/;

/** The router's files. Throws ROUTER_FOLDER_UNUSABLE when its path is none that HAProxy can take. */
export function routerFiles({ folder }: RouterPlace) {
  const files = {
    desired: join(folder, 'desired.json'),
    configuration: join(folder, 'haproxy.cfg'),
    /** Checked before it takes the configuration's place. */
    nextConfiguration: join(folder, 'haproxy.next.cfg'),
    script: join(folder, 'hold.lua'),
    adminSocket: join(folder, 'admin.sock'),
    masterSocket: join(folder, 'master.sock'),
  };
  if (!PLAIN_PATH.test(folder)) {
    const why = 'its path must be absolute and have no other characters than letters, digits and / . _ @ + ~ -';
    throw sluiceError('ROUTER_FOLDER_UNUSABLE', { folder, why });
  }
  if (Buffer.byteLength(files.masterSocket) > LONGEST_SOCKET_PATH) {
    const why = `the path of ${files.masterSocket} is longer than the ${LONGEST_SOCKET_PATH} bytes that a socket may have`;
    throw sluiceError('ROUTER_FOLDER_UNUSABLE', { folder, why });
  }
  return files;
}

/** What starts the router; it stays in the foreground. `prepareRouterFiles` comes first. */
export function haproxyCommand(place: RouterPlace): { file: string; args: string[] } {
  const { masterSocket, configuration } = routerFiles(place);
  return { file: place.program, args: ['-W', '-S', `${masterSocket},mode,600`, '-f', configuration] };
}
