import { readFileSync } from 'node:fs';

export interface Memory {
  readonly rssMb: number;
  /** The most it ever had. */
  readonly peakMb: number;
}

/** What a process has in memory, as Linux counts it. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mbOf = (name: string): number => {
    const [, kib = ''] = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status) ?? [];
    return Math.round((Number(kib) * 1024) / 1_000_000);
  };
  return { rssMb: mbOf('VmRSS'), peakMb: mbOf('VmHWM') };
}
