// What a killed `sluice up` left running: found by its records and by the mark that every part carries in its environment.
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PART_NAMES } from './part-names.ts';
import { isRunning, isSessionLeader, startTicksOf, type ProcessIdentity } from './process-identity.ts';
import { liveRecord, removeRunRecord } from './run-records.ts';

/** Environment variable of every part and of what it starts: the data directory that it works for. */
export const PART_MARK = 'SLUICE_PART_OF';

const POLITE_MS = 5_000;
const POLL_MS = 20;

/**
 * Ends every process that an earlier `sluice up` started for `dataDirectory`: politely, then by SIGKILL.
 * The result is how many parts there were; nothing of them runs when it returns.
 */
export async function endLeftovers(dataDirectory: string): Promise<number> {
  const parts = findLeftovers(dataDirectory);
  // SIGINT: PostgreSQL ends its sessions instead of waiting for them, the others just end.
  await end(parts, 'SIGINT');
  // What parts had started themselves goes with them, a moment later (PostgreSQL's sessions) or now.
  await end(markedProcesses(dataDirectory), null);
  for (const name of PART_NAMES) removeRunRecord(dataDirectory, name);
  return parts.length;
}

/** The parts that still run for `dataDirectory`, with or without their `sluice up`. */
function findLeftovers(dataDirectory: string): ProcessIdentity[] {
  const found = new Map<number, ProcessIdentity>();
  for (const name of PART_NAMES) {
    const record = liveRecord(dataDirectory, name);
    if (record) found.set(record.pid, record);
  }
  // A kill between the start of a part and its record leaves only the mark. A part leads its session; its children
  // (PostgreSQL's sessions) must not be signalled one by one.
  for (const one of markedProcesses(dataDirectory)) if (isSessionLeader(one.pid)) found.set(one.pid, one);
  return [...found.values()];
}

async function end(processes: readonly ProcessIdentity[], polite: NodeJS.Signals | null): Promise<void> {
  if (polite !== null) for (const { pid } of processes) signal(pid, polite);
  const deadline = Date.now() + POLITE_MS;
  while (processes.some(isRunning) && Date.now() < deadline) await delay(POLL_MS);
  for (const one of processes) if (isRunning(one)) signal(one.pid, 'SIGKILL');
  while (processes.some(isRunning)) await delay(POLL_MS);
}

function markedProcesses(dataDirectory: string): ProcessIdentity[] {
  if (process.platform !== 'linux') return [];
  // As `sluice up` wrote it: without symbolic links.
  const mark = `${PART_MARK}=${existsSync(dataDirectory) ? realpathSync(dataDirectory) : dataDirectory}`;
  const marked: ProcessIdentity[] = [];
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid) || pid === process.pid || !environmentOf(pid).includes(mark)) continue;
    const startTicks = startTicksOf(pid);
    if (startTicks !== null) marked.push({ pid, startTicks });
  }
  return marked;
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Gone meanwhile, or somebody else's.
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // Gone meanwhile.
  }
}
