// What `sluice up` wrote down about its parts: who ended, who is ready again, and when.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface StackEvent {
  readonly kind: 'ended' | 'ready';
  readonly part: string;
  readonly atMs: number;
  /** How it ended; empty for those that are ready. */
  readonly why: string;
}

interface Line {
  readonly time?: string;
  readonly name?: string;
  readonly why?: string;
  readonly tookMs?: number;
}

/** The events since `sinceMs`, oldest first. */
export function stackEvents(dataDirectory: string, sinceMs: number): StackEvent[] {
  return readFileSync(join(dataDirectory, 'logs', 'up.log'), 'utf8')
    .split('\n')
    .flatMap((line) => eventOf(line) ?? [])
    .filter(({ atMs }) => atMs >= sinceMs);
}

function eventOf(text: string): StackEvent | null {
  const { time, name, why, tookMs } = parse(text);
  if (time === undefined || name === undefined) return null;
  const atMs = Date.parse(time);
  if (why !== undefined) return { kind: 'ended', part: name, atMs, why };
  return tookMs === undefined ? null : { kind: 'ready', part: name, atMs, why: '' };
}

function parse(text: string): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    // The last line of a killed process.
    return {};
  }
}
