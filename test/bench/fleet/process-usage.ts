// CPU and memory of processes, as Linux counts them.
import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts CPU time in hundredths of a second. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;

export interface Usage {
  readonly cpuMs: number;
  readonly rssMb: number;
}

/** A process with all its descendants of this moment, and those that ended and were waited for. */
export function usageOf(rootPid: number): Usage {
  const stats = readAll();
  const pids = withDescendants(rootPid, stats);
  let cpuMs = 0;
  let rssPages = 0;
  for (const pid of pids) {
    const stat = stats.get(pid);
    if (stat === undefined) continue;
    cpuMs += stat.ticks * TICK_MS;
    rssPages += stat.ownPages;
  }
  return { cpuMs, rssMb: (rssPages * PAGE_BYTES) / 1_000_000 };
}

interface Stat {
  readonly parent: number;
  readonly ticks: number;
  /** Resident pages without those shared with others: PostgreSQL's buffers must not be counted once for each backend. */
  readonly ownPages: number;
}

function readAll(): Map<number, Stat> {
  const stats = new Map<number, Stat>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) ? readOne(pid) : null;
    if (stat !== null) stats.set(pid, stat);
  }
  return stats;
}

function readOne(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the command's name, which may hold anything: state, parent, …; then user, system, and the same of dead children.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [user = 0, system = 0, childUser = 0, childSystem = 0] = fields.slice(11, 15).map(Number);
    const [, resident = 0, shared = 0] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ').map(Number);
    const ticks = user + system + childUser + childSystem;
    return { parent: Number(fields[1]), ticks, ownPages: resident - shared };
  } catch {
    // Ended while we looked.
    return null;
  }
}

function withDescendants(root: number, stats: ReadonlyMap<number, Stat>): Set<number> {
  const found = new Set([root]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, { parent }] of stats) if (found.has(parent)) found.add(pid);
  }
  return found;
}
