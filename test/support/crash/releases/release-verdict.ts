// Whether a release ended as it should: journal, history, what runs, what is served, and what clients saw meanwhile.
import type { JournalEntry } from '#domain/journal/journal-entry.ts';
import type { Phase } from '#domain/run/run-state.ts';
import { listEvents } from '../../../../client/engine/runs/follow-events.ts';
import { eventually } from '../../eventually.ts';
import { judgeHistory } from '../judge-history.ts';
import { judgeJournal } from '../judge-journal.ts';
import { stackEvents, type StackEvent } from '../stack-log.ts';
import { settled, SETTLED_DEADLINE_MS } from '../settled.ts';
import { judgeContainers } from './judge-containers.ts';
import { judgeProbes, judgeShares, type Outage } from './judge-traffic.ts';
import type { ReleaseTrial } from './release-trial.ts';
import type { TrafficWatch } from './traffic-watch.ts';

/** Everything that is not as it should be; empty when the run ended well in `expected`. */
export async function judgeRelease(trial: ReleaseTrial, expected: Phase): Promise<string[]> {
  const { phase } = await trial.position();
  const version = expected === 'completed' ? trial.options.version : trial.before;
  return [
    ...(phase === expected ? [] : [`it ended ${phase}, not ${expected}`]),
    ...(await eventually(() => judgeJournal(trial, phase), SETTLED_DEADLINE_MS)),
    ...(await judgeHistory(trial)),
    ...(await settled(() => judgeContainers(trial, version))),
  ];
}

/** A cancelled release goes back as well. */
const beginsWayBack = ({ type, summary }: JournalEntry): boolean =>
  type === 'rollback-started' || (type === 'command-accepted' && summary.startsWith('cancel'));

export interface RouterDeath {
  readonly victim: string;
  readonly atMs: number;
}

/** How long a supervisor may take to see that a part has died, and to say so. */
const NOTICED_WITHIN_MS = 1_000;

/** When the router that died at `diedMs` was back: what was said of it before its death was noticed is of the dead one. */
export function backAfter(events: readonly StackEvent[], diedMs: number): number {
  const noticed = events.find(({ kind, atMs }) => kind === 'ended' && atMs >= diedMs);
  const fromMs = noticed && noticed.atMs - diedMs <= NOTICED_WITHIN_MS ? noticed.atMs : diedMs;
  return events.find(({ kind, atMs }) => kind === 'ready' && atMs >= fromMs)?.atMs ?? Number.POSITIVE_INFINITY;
}

/** What clients saw, the router's own deaths set aside. Call it when the stack is well. */
export async function judgeTraffic(
  trial: ReleaseTrial,
  watch: TrafficWatch,
  deaths: readonly RouterDeath[],
): Promise<string[]> {
  const { world, place, run } = trial;
  const events = stackEvents(world.dataDirectory, 0).filter(({ part }) => part === 'haproxy');
  const outages = deaths.flatMap(({ victim, atMs: fromMs }): Outage[] => {
    // A supervisor that starts again starts its parts again.
    if (!['haproxy', 'everything', 'up'].includes(victim)) return [];
    return [{ fromMs, untilMs: backAfter(events, fromMs) }];
  });
  const own = (await world.releases(place)).find((release) => release.run === run);
  const wayBack = (await listEvents(world.deps, run)).find(beginsWayBack);
  const wayBackAtMs = wayBack === undefined ? Number.POSITIVE_INFINITY : Date.parse(wayBack.at);
  return [
    ...judgeProbes(watch.probes, outages),
    ...(own === undefined ? [] : judgeShares(watch.shares, own.release, wayBackAtMs)),
  ];
}
