// A pid alone names nobody: the kernel gives it out again. Together with the start time it does.
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; 0 where the system has no /proc. */
  readonly startTicks: number;
}

// Places of /proc/PID/stat, counted behind the command's name.
const STATE = 0;
const SESSION = 3;
const START_TICKS = 19;
const ZOMBIE = 'Z';

/** Start time of a running process in clock ticks since boot; null when there is none (zombies count as gone). */
export function startTicksOf(pid: number): number | null {
  if (process.platform !== 'linux') return signalReaches(pid) ? 0 : null;
  const stat = statOf(pid);
  return stat === null || stat[STATE] === ZOMBIE ? null : Number(stat[START_TICKS]);
}

/** This process. */
export const ownIdentity = (): ProcessIdentity => ({ pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0 });

/** True while exactly this process runs. */
export const isRunning = ({ pid, startTicks }: ProcessIdentity): boolean => startTicksOf(pid) === startTicks;

/** True for the first process of a session, as every part of the stack is. */
export const isSessionLeader = (pid: number): boolean => Number(statOf(pid)?.[SESSION]) === pid;

function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

function signalReaches(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
