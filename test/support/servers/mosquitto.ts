import { mkdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findMosquitto } from '../../../client/engine/stack/components/mosquitto-program.ts';
import { needs } from '../requires.ts';
import { freePort } from './ports.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';

needs('mosquitto', findMosquitto);

export interface MosquittoServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
  /** The folder with its configuration, given or made. */
  readonly folder: string;
}

export interface MosquittoOptions {
  readonly port?: number;
  readonly folder?: string;
  /** Text of mosquitto.conf for `port` and `folder`; an open broker on 127.0.0.1 without. */
  readonly configuration?: (place: { port: number; folder: string }) => string;
}

/** A real mosquitto on a free port of 127.0.0.1. */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<MosquittoServer> {
  const made = options.folder === undefined ? makeTempFolder('mosquitto') : null;
  const folder = options.folder ?? made?.path ?? '';
  const port = options.port ?? (await freePort());
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'mosquitto.conf');
  writeFileSync(file, (options.configuration ?? openBroker)({ port, folder }));
  const command = { file: findMosquitto(), args: ['-c', file] };
  const server = await startServer(command, () => acceptsConnections(port));
  const stop = async () => {
    await server.stop();
    made?.remove();
  };
  return { ...server, stop, port, folder, url: `mqtt://127.0.0.1:${port}` };
}

// `user root`: the broker of a test run as root must still read its own temp folder.
const openBroker = ({ port }: { port: number }) =>
  [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'user root',
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'max_queued_bytes 268435456',
    '',
  ].join('\n');

function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
