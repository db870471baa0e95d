import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from './settings.ts';
import { startTicksOf } from './stack/process-identity.ts';

/** The file in the data directory in which `sluice up` leaves its process id. */
export const UP_PID_FILE = 'up.pid';

/** The process id of the living `sluice up` of this data directory; null when there is none. */
export function pidOfLiveStack(dataDirectory: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(join(dataDirectory, UP_PID_FILE), 'utf8'), 10);
    return pid > 0 && startTicksOf(pid) !== null ? pid : null;
  } catch {
    return null;
  }
}

/**
 * Whether a part that does not answer may come back by itself: `sluice up` restarts its parts, and a part that a variable
 * replaced has somebody else who does.
 */
export const mayComeBack = (settings: Settings, part: 'database' | 'temporal'): boolean =>
  pidOfLiveStack(settings.dataDirectory) !== null || settings.replaced.has(part);
