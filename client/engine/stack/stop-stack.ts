import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { sluiceError } from '#domain/errors/failure.ts';
import { UP_PID_FILE } from '../live-stack.ts';
import { endLeftovers } from './leftovers.ts';
import { isRunning } from './process-identity.ts';
import { liveRecord, removeRunRecord } from './run-records.ts';
import { removeStackFile } from './stack-file.ts';

export interface StopReport {
  /** The `sluice up` that was stopped; null when none ran. */
  readonly stopped: number | null;
  /** Parts that a killed `sluice up` had left running. */
  readonly leftovers: number;
}

const STOP_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** Stops the stack of `dataDirectory` and waits until nothing of it runs. Throws STACK_NOT_STOPPED after `timeoutMs`. */
export async function stopStack(dataDirectory: string, timeoutMs: number = STOP_TIMEOUT_MS): Promise<StopReport> {
  const up = liveRecord(dataDirectory, 'up');
  if (up) {
    process.kill(up.pid, 'SIGINT');
    const deadline = Date.now() + timeoutMs;
    while (isRunning(up)) {
      if (Date.now() > deadline) throw sluiceError('STACK_NOT_STOPPED', { pid: up.pid, directory: dataDirectory });
      await delay(POLL_MS);
    }
  }
  const leftovers = await endLeftovers(dataDirectory);
  forgetStack(dataDirectory);
  return { stopped: up?.pid ?? null, leftovers };
}

/** Removes what tells other commands that a stack runs here. */
export function forgetStack(dataDirectory: string): void {
  removeStackFile(dataDirectory);
  removeRunRecord(dataDirectory, 'up');
  rmSync(join(dataDirectory, UP_PID_FILE), { force: true });
}
