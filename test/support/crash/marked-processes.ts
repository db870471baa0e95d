// Everything that one crash world started, and what that started, carries the world's mark in its environment.
import { readdirSync, readFileSync } from 'node:fs';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';

export const WORLD_MARK = 'SLUICE_CRASH_WORLD';

const POLL_MS = 20;

/** Processes of the world whose folder this is. */
function markedPids(folder: string): number[] {
  if (process.platform !== 'linux') return [];
  const mark = `${WORLD_MARK}=${folder}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(mark))
    .filter((pid) => startTicksOf(pid) !== null);
}

/** SIGKILL to everything of the world; nothing of it runs when this returns. */
export async function killMarked(folder: string): Promise<void> {
  for (;;) {
    if (!killMarkedOnce(folder)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** One round of SIGKILL; false when there was nobody. For places that cannot wait. */
export function killMarkedOnce(folder: string): boolean {
  const pids = markedPids(folder);
  for (const pid of pids) kill(pid);
  return pids.length > 0;
}

/** SIGKILL; a process that is gone already is as good. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone meanwhile.
  }
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
