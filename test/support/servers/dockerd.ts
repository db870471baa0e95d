import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Docker from 'dockerode';
import { findDockerd } from '../../../client/engine/stack/components/docker-programs.ts';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import type { Command } from '../../../workers/stack/command.ts';
import { needs } from '../requires.ts';
import { claimPlace, clearPlace, type DockerPlace } from './docker-place.ts';
import { kill } from './marked-processes.ts';
import { startServer, type ServerProcess } from './server-process.ts';

needs('Docker Engine', probe);

const LOG_KEPT = 8_192;
const GONE_POLL_MS = 10;
/** Above every pid that Linux gives. */
const NOBODY = 2 ** 30;

export interface DockerdServer {
  readonly pid: number;
  readonly socketPath: string;
  /** A client of it. */
  readonly docker: Docker;
  /** Below it: data root, exec root, socket, log. */
  readonly folder: string;
  /** The network of its containers; this machine reaches their addresses directly. */
  readonly bridge: string;
  /** The end of its log. */
  output(): string;
  /** SIGKILL of the daemon (its containerd goes with it); the containers run on. */
  kill(): Promise<void>;
  /** SIGKILL of containerd alone; the daemon starts another. */
  killContainerd(): void;
  /** Starts the daemon again on the same folders, after `kill()` or in place of the running one; the containers run on. */
  restart(): Promise<void>;
  /** Ends it with its containers and removes processes, mounts, bridge and folder (a given folder keeps its images). */
  stop(): Promise<void>;
}

export interface DockerdOptions {
  /** A new or used folder of a stopped engine; a temp folder without. Short: sockets are below it. */
  readonly folder?: string;
  readonly args?: readonly string[];
}

/**
 * A real Docker Engine of its own: data, network and processes are apart from every other engine of the machine.
 * Nothing is left of it after `stop()` or the end of the test process; what a SIGKILL leaves, the next one's start clears.
 */
export async function startDockerd(options: DockerdOptions = {}): Promise<DockerdServer> {
  const place = claimPlace(options.folder);
  const clear = () => clearPlace(place);
  const socketPath = join(place.folder, 'docker.sock');
  const docker = new Docker({ socketPath });
  const start = () => startDaemon(place, docker, options.args ?? []);
  let server: ServerProcess = await start().catch((error: unknown) => {
    clear();
    throw error;
  });
  process.once('exit', clear);
  return {
    get pid() {
      return server.pid;
    },
    socketPath,
    docker,
    folder: place.folder,
    bridge: place.bridge,
    output: () => logOf(place),
    kill: () => killDaemon(server, place),
    killContainerd: () => kill(containerdOf(place)),
    restart: async () => {
      await killDaemon(server, place);
      server = await start();
    },
    stop: async () => {
      // Folders that go anyway need no good order, which takes 10 s for each container that no signal reaches any more.
      if (place.keepsFolder) await removeContainers(docker).catch(() => undefined);
      await (place.keepsFolder ? server.stop() : server.kill());
      process.removeListener('exit', clear);
      clear();
    },
  };
}

/** The kernel kills containerd after its daemon. A start before that, or while nobody has fetched its exit, takes it for a running one. */
async function killDaemon(server: ServerProcess, place: DockerPlace): Promise<void> {
  const containerd = containerdOf(place);
  await server.kill();
  kill(containerd);
  while (startTicksOf(containerd) !== null) await pause(GONE_POLL_MS);
  rmSync(containerdFile(place), { force: true });
}

const containerdFile = ({ folder }: DockerPlace): string => join(folder, 'exec/containerd/containerd.pid');

function containerdOf(place: DockerPlace): number {
  // 0 would be the whole process group.
  if (!existsSync(containerdFile(place))) return NOBODY;
  return Number(readFileSync(containerdFile(place), 'utf8')) || NOBODY;
}

async function startDaemon(place: DockerPlace, docker: Docker, args: readonly string[]): Promise<ServerProcess> {
  // The pid in a killed daemon's file may be somebody else's by now, and the daemon would refuse to start.
  rmSync(join(place.folder, 'docker.pid'), { force: true });
  try {
    return await startServer(command(place, args), async () => String(await docker.ping()) === 'OK');
  } catch (cause) {
    throw new Error(`the Docker Engine did not start:\n${logOf(place)}`, { cause });
  }
}

const logOf = ({ folder }: DockerPlace): string => readFileSync(join(folder, 'dockerd.log'), 'utf8').slice(-LOG_KEPT);

function command({ folder, bridge }: DockerPlace, args: readonly string[]): Command {
  const roots = ['--data-root', join(folder, 'data'), '--exec-root', join(folder, 'exec')];
  const files = ['--host', `unix://${join(folder, 'docker.sock')}`, '--pidfile', join(folder, 'docker.pid')];
  // Without rules of its own: engines of one machine share the chains, and each start would flush the others'.
  const network = [
    '--bridge',
    bridge,
    '--iptables=false',
    '--ip6tables=false',
    '--ip-forward=false',
    '--ip-masq=false',
  ];
  const daemon = [findDockerd(), ...roots, ...files, ...network, '--live-restore', ...args];
  // The shell gives its place to the daemon, so that its pid is the daemon's.
  return { file: '/bin/sh', args: ['-c', 'exec "$0" "$@" >>"$DOCKERD_LOG" 2>&1', ...daemon], env: logIn(folder) };
}

const logIn = (folder: string) => ({ DOCKERD_LOG: join(folder, 'dockerd.log'), DOCKER_CONFIG: folder });

async function removeContainers(docker: Docker): Promise<void> {
  const containers = await docker.listContainers({ all: true });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
}

function probe(): void {
  findDockerd();
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error('needs root on Linux');
  if (!['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip', '/bin/ip'].some(existsSync)) throw new Error('needs the program ip');
}
