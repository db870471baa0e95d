import { setTimeout as delay } from 'node:timers/promises';

/** SIGTERM first; who has not ended by then is killed. */
const KILL_AFTER_MS = 3_000;
const LOOK_EVERY_MS = 25;

/** Ends everything in the process group `pid`; returns when nothing of it runs, or was killed. */
export async function endGroup(pid: number): Promise<void> {
  const deadline = performance.now() + KILL_AFTER_MS;
  signalGroup(pid, 'SIGTERM');
  while (signalGroup(pid, 0)) {
    if (performance.now() > deadline) {
      signalGroup(pid, 'SIGKILL');
      return;
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** False when nobody is left in the group. */
function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, name);
  } catch {
    return false;
  }
}
