import type { JointReleaseRow } from '../../../activities/adapters/postgres/joint-releases.ts';
import { zoneOf } from '#domain/joint-releases/joint-release-rules.ts';
import type { Iso } from '#domain/time.ts';
import type { EngineDeps } from '../engine.ts';
import { loadConfiguration } from '../environments/load-configuration.ts';
import { patientRead } from '../patient-read.ts';
import { listReleases } from './find-joint-release.ts';
import { spanOf } from './release-standing.ts';

export interface CalendarEntry {
  readonly release: JointReleaseRow;
  /** Null: not before somebody starts it. */
  readonly startAt: Iso | null;
  readonly durationMs: number | null;
  /** On whose clock the day is that of the entry. */
  readonly timezone: string;
}

export interface CalendarDay {
  /** `2026-03-20` in the environments’ zones; null for what has no time yet. */
  readonly day: string | null;
  readonly entries: readonly CalendarEntry[];
}

/** Releases past and to come by the day on their environment's clock, in order; those without a time last. */
export async function releaseCalendar(deps: EngineDeps, environment: string | undefined): Promise<CalendarDay[]> {
  const releases = await listReleases(deps, environment);
  const { environments } = await patientRead(deps, loadConfiguration);
  const zones = new Map(environments.map(({ name, windows }) => [name, zoneOf(windows)]));
  const entries = releases.map((release): CalendarEntry => {
    return { release, ...spanOf(release), timezone: zones.get(release.environment) ?? 'UTC' };
  });
  return byDay(entries);
}

/** @internal a rule with tests of its own */
export function byDay(entries: readonly CalendarEntry[]): CalendarDay[] {
  const timed = entries.filter(({ startAt }) => startAt !== null).sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  const days = [...Map.groupBy(timed, dayOf)].map(([day, some]): CalendarDay => ({ day, entries: some }));
  const rest = entries.filter(({ startAt }) => startAt === null);
  const sorted = days.sort((a, b) => ((a.day ?? '') < (b.day ?? '') ? -1 : 1));
  return rest.length === 0 ? sorted : [...sorted, { day: null, entries: rest }];
}

const startOf = ({ startAt }: CalendarEntry): string => startAt ?? '';

// The Swedish calendar writes dates as ISO 8601 does.
const dayOf = (entry: CalendarEntry): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: entry.timezone }).format(new Date(startOf(entry)));
