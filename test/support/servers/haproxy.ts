import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findHaproxy } from '../../../client/engine/stack/components/haproxy-program.ts';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { needs } from '../requires.ts';
import { kill } from './marked-processes.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { makeTempFolder } from './temp-folder.ts';

needs('HAProxy', findHaproxy);

const ANSWER_TIMEOUT_MS = 2_000;
const GONE_POLL_MS = 10;

export interface HaproxyServer {
  /** The master's. */
  readonly pid: number;
  readonly folder: string;
  /** The master's socket: `reload`, `show proc`, and `@1 COMMAND` for the worker. */
  readonly masterSocket: string;
  output(): string;
  /** SIGKILL of master and workers; connections are cut, and nobody serves until `restart()`. */
  kill(): Promise<void>;
  /** Starts it again with the same files, after `kill()` or after its own death. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface HaproxyOptions {
  /** Kept by `stop()`; a temp folder without. */
  readonly folder?: string;
  /** Text of haproxy.cfg; null takes the file that lies in the folder already. */
  readonly configuration: ((place: { folder: string }) => string) | null;
}

/** A real HAProxy with a master and a worker, as in production. */
export async function startHaproxy(options: HaproxyOptions): Promise<HaproxyServer> {
  const made = options.folder === undefined ? makeTempFolder('haproxy') : null;
  const folder = options.folder ?? made?.path ?? '';
  const [file, masterSocket] = [join(folder, 'haproxy.cfg'), join(folder, 'master.sock')];
  mkdirSync(folder, { recursive: true });
  if (options.configuration !== null) writeFileSync(file, options.configuration({ folder }));
  const command = { file: findHaproxy(), args: ['-W', '-S', masterSocket, '-f', file] };
  // A worker's own answer, relayed by its master: both serve.
  const start = () =>
    startServer(command, async () => (await askHaproxy(masterSocket, '@1 show info')).includes('Pid:'), 'SIGTERM');
  let server: ServerProcess = await start().catch((error: unknown) => {
    made?.remove();
    throw error;
  });
  const killAll = async () => {
    await server.kill();
    await killWorkers(file);
  };
  return {
    get pid() {
      return server.pid;
    },
    folder,
    masterSocket,
    output: () => server.output(),
    kill: killAll,
    restart: async () => {
      await killAll();
      server = await start();
    },
    stop: async () => {
      await server.stop();
      await killWorkers(file);
      made?.remove();
    },
  };
}

/** One command on a runtime socket of HAProxy, with its whole answer. Rejects when the socket is dead or silent for 2 s. */
export function askHaproxy(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    // Half-closed after the command: a master's socket would stay open otherwise.
    const socket = connect(socketPath, () => socket.end(`${command}\n`));
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error(`${socketPath} gave no answer`)));
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject).once('close', () => resolve(answer));
  });
}

/** A killed master's workers hold the ports until they notice its death. */
async function killWorkers(file: string): Promise<void> {
  for (let left = processesOf(file); left.length > 0; left = processesOf(file)) {
    left.forEach(kill);
    await pause(GONE_POLL_MS);
  }
}

function processesOf(file: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && argumentsOf(pid).slice(-2).join(' ') === `-f ${file}`)
    .filter((pid) => startTicksOf(pid) !== null);
}

function argumentsOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  } catch {
    // Gone meanwhile.
    return [];
  }
}
