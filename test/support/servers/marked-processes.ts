// Processes found by a variable in their environment, which whatever they start inherits.
import { readdirSync, readFileSync } from 'node:fs';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';

const POLL_MS = 20;

/** Pids of other processes whose environment has `variable` with this value. */
export function markedProcesses(variable: string, value: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => environmentOf(pid).includes(`${variable}=${value}`) && startTicksOf(pid) !== null);
}

/** SIGKILL to all of them; none runs when this returns. */
export async function killMarked(variable: string, value: string): Promise<void> {
  while (killMarkedOnce(variable, value)) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** One round of SIGKILL; false when there was nobody. For places that cannot wait. */
export function killMarkedOnce(variable: string, value: string): boolean {
  const pids = markedProcesses(variable, value);
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
    // Gone meanwhile, or somebody else's.
    return [];
  }
}
