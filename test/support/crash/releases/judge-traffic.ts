// Whether clients noticed more than the router's own death, and the new version never lost traffic on its way forward.
import type { Probe, Share } from './traffic-watch.ts';

/** While the router was dead, or nobody yet said that it is back. */
export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A request that was under way when the router died is lost with it. */
export function judgeProbes(probes: readonly Probe[], outages: readonly Outage[]): string[] {
  const isExcused = ({ atMs, endedAtMs }: Probe): boolean =>
    outages.some(({ fromMs, untilMs }) => endedAtMs >= fromMs && atMs <= untilMs);
  const failed = probes.filter((probe) => probe.failure !== null && !isExcused(probe));
  const [first] = failed;
  if (first === undefined) return probes.length === 0 ? ['traffic: nobody asked anything'] : [];
  const when = new Date(first.atMs).toISOString();
  return [`traffic: ${failed.length} of ${probes.length} requests failed, the first at ${when}: ${first.failure}`];
}

/** Samples until the way back began: of those the share of `release` only rises. */
export function judgeShares(shares: readonly Share[], release: number, wayBackAtMs: number): string[] {
  let highest = 0;
  for (const { atMs, byRelease } of shares) {
    // Within one look the members and the weight are read one after the other.
    const share = Math.round(byRelease.get(release) ?? 0);
    if (byRelease.size === 0 || atMs >= wayBackAtMs) continue;
    if (share < highest)
      return [`weight: it fell from ${highest} to ${share} basis points at ${new Date(atMs).toISOString()}`];
    highest = share;
  }
  return [];
}
