// Processes found by a variable in their environment, which whatever they start inherits.
import { readdirSync, readFileSync } from 'node:fs';
import { startTicksOf } from '../../../client/engine/stack/process-identity.ts';

/** Pids of other processes whose environment has `variable` with this value. */
export function markedProcesses(variable: string, value: string): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => environmentOf(pid).includes(`${variable}=${value}`) && startTicksOf(pid) !== null);
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Gone meanwhile, or somebody else's.
    return [];
  }
}
