import { readFileSync } from 'node:fs';
import { counted } from '#domain/counted.ts';
import { VERSIONS } from './fleet.ts';

interface Line {
  readonly thing: string;
  readonly version: string;
  readonly event: 'installed' | 'booted' | 'reverted';
}

export interface LedgerVerdict {
  readonly agrees: boolean;
  readonly summary: string;
}

/**
 * What the devices themselves wrote down: the good version installed once on each and once more on those taken back, the
 * bad one at most once on the canary's devices, and nobody runs it now.
 */
export function judgeLedger(file: string, devices: number, canary: number): LedgerVerdict {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
  const good = installsByDevice(lines, VERSIONS.good);
  const bad = installsByDevice(lines, VERSIONS.bad);
  const running = new Map(lines.map(({ thing, version, event }) => [thing, event === 'installed' ? null : version]));
  const again = [...good.values()].filter((count) => count === 2).length;
  const tooOften =
    [...good.values()].filter((count) => count > 2).length + [...bad.values()].filter((n) => n > 1).length;
  const left = [...running.values()].filter((version) => version === VERSIONS.bad).length;
  const agrees = good.size === devices && tooOften === 0 && left === 0 && bad.size <= canary && bad.size > 0;
  return {
    agrees,
    summary:
      `${VERSIONS.good} once on each of ${good.size}, once more on the ${again} taken back; ` +
      `${VERSIONS.bad} at most once on ${bad.size}; ${left === 0 ? 'nobody' : String(left)} left on it` +
      (tooOften > 0 ? `; ${counted(tooOften, 'device')} installed too often` : ''),
  };
}

function installsByDevice(lines: readonly Line[], version: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.event === 'installed' && line.version === version)
      counts.set(line.thing, (counts.get(line.thing) ?? 0) + 1);
  }
  return counts;
}
