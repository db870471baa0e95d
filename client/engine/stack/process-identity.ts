// A pid alone names nobody: the kernel gives it out again. Together with the start time it does.
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; 0 where the system has no /proc. */
  readonly startTicks: number;
}

const ZOMBIE = 'Z';

/** Start time of a running process in clock ticks since boot; null when there is none (zombies count as gone). */
export function startTicksOf(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return process.platform === 'linux' ? null : signalReaches(pid) ? 0 : null;
  }
  // The command's name stands in parentheses and may hold spaces: fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === ZOMBIE ? null : Number(fields[19]);
}

/** True while exactly this process runs. */
export const isRunning = ({ pid, startTicks }: ProcessIdentity): boolean => startTicksOf(pid) === startTicks;

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
