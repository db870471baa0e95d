// The processes of one Docker Engine, found by its folder: daemon, containerd, shims, and what runs in the containers.
import { readFileSync, readdirSync } from 'node:fs';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';
import { kill } from './marked-processes.ts';

const POLL_MS = 10;
const ROUNDS = 500;

/** SIGKILL to all of them until none is left, at most 5 s. Blocks: an exit handler cannot wait otherwise. */
export function endProcessesOf(folder: string): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    const left = processesOf(folder);
    if (left.length === 0) return;
    left.forEach(kill);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

/**
 * SIGKILL to containers of this engine that were made and not started when it was killed. Nobody ends them any more (moby
 * 38346), and each keeps its address, which the next container gets as well: requests for that one then go to nobody.
 */
export function endHalfBorn(folder: string): void {
  for (const pid of pidsInUse()) {
    const isInit = textOf(`/proc/${pid}/cmdline`).startsWith('runc\0init\0');
    if (isInit && textOf(`/proc/${pid}/environ`).includes(`=${folder}/`)) kill(pid);
  }
}

const pidsInUse = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && startTicksOf(pid) !== null);

/** The engine's own programs name the folder in their arguments; a container's root is mounted from it. */
function processesOf(folder: string): number[] {
  return pidsInUse().filter((pid) => isEngineProgram(pid, folder) || rootMountOf(pid).includes(`${folder}/`));
}

const PROGRAMS = ['dockerd', 'containerd', 'containerd-shim', 'containerd-shim-runc-v2', 'runc', 'docker-proxy'];

function isEngineProgram(pid: number, folder: string): boolean {
  const [program = '', ...args] = textOf(`/proc/${pid}/cmdline`).split('\0');
  return PROGRAMS.includes(program.split('/').at(-1) ?? '') && args.some((argument) => argument.includes(`${folder}/`));
}

function rootMountOf(pid: number): string {
  const mounts = textOf(`/proc/${pid}/mountinfo`).split('\n');
  return mounts.find((mount) => mount.split(' ')[4] === '/') ?? '';
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Gone meanwhile.
    return '';
  }
}
