// Everything that one crash world started, and what that started, carries the world's mark in its environment.
import { markedProcesses } from '../servers/marked-processes.ts';

export const WORLD_MARK = 'SLUICE_CRASH_WORLD';

const POLL_MS = 20;

/** SIGKILL to everything of the world; nothing of it runs when this returns. */
export async function killMarked(folder: string): Promise<void> {
  for (;;) {
    if (!killMarkedOnce(folder)) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** One round of SIGKILL; false when there was nobody. For places that cannot wait. */
export function killMarkedOnce(folder: string): boolean {
  const pids = markedProcesses(WORLD_MARK, folder);
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
