import { readPresent, releasesOfRuns, openEmergency } from '../../../activities/adapters/postgres/emergencies.ts';
import { readOpenRunsOf, type RunRow } from '../../../activities/adapters/postgres/runs.ts';
import type { Books } from '#domain/coordination/place.ts';
import type { RunEnd, StoppedRun } from '#domain/emergency/emergency.ts';
import { planWaysBack, type WaysBack } from '#domain/emergency/plan-ways-back.ts';
import { isWayBack, stopCommand, stoppedRun, type ReleasesOfRuns } from '#domain/emergency/stop-run.ts';
import type { Iso } from '#domain/time.ts';
import type { EngineDeps } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { readBooks } from '../environments/read-books.ts';
import { patientRead } from '../patient-read.ts';
import { checkedWish, type EmergencyWish } from './begin-emergency.ts';

const BOOKS_WITHIN_MS = 3_000;

/** An open run, and what would be done to it. */
export interface PreviewedRun extends StoppedRun {
  readonly does: 'cancel' | 'roll-back' | 'wait';
}

/** What taking an environment back would do as things stand. */
export interface EmergencyPreview extends WaysBack {
  readonly environment: string;
  readonly to: Iso | null;
  readonly runs: readonly PreviewedRun[];
  /** The one that is open already, and would be the answer. */
  readonly openAlready: string | null;
}

/** Changes nothing. Throws as `beginEmergency`. */
export async function previewEmergency(deps: EngineDeps, wish: EmergencyWish): Promise<EmergencyPreview> {
  const to = checkedWish(wish, new Date().toISOString());
  const { name: environment } = await loadEnvironment(deps, wish.environment);
  const books = await readBooks(await deps.temporal(), environment, BOOKS_WITHIN_MS).catch(() => null);
  return patientRead(deps, async (pool) => {
    const rows = await readOpenRunsOf(pool, environment);
    const releases = await releasesOfRuns(
      pool,
      rows.map(({ run }) => run),
    );
    const runs = rows.map((row) => previewed(row, books, releases));
    const plan = planWaysBack({ to, runs, ...(await readPresent(pool, environment)) });
    const openAlready = (await openEmergency(pool, environment))?.id ?? null;
    return { environment, to, runs, openAlready, ...plan };
  });
}

function previewed(row: RunRow, books: Books | null, releases: ReleasesOfRuns): PreviewedRun {
  const command = stopCommand(row, books);
  const stopped = stoppedRun(row, releases);
  const does = isWayBack(row) || command === null ? 'wait' : command === 'cancelRun' ? 'cancel' : 'roll-back';
  return { ...stopped, does, end: expected(row, stopped) };
}

/** How it will end if all goes well. */
function expected(row: RunRow, { release, subject }: StoppedRun): RunEnd {
  if (isWayBack(row)) return 'came-back';
  return release === null && subject.kind === 'application' ? 'cancelled' : 'rolled-back';
}
