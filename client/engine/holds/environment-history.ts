import {
  readDelivered,
  readHoldEvents,
  type Delivered,
  type HoldEvent,
} from '../../../activities/adapters/postgres/environment-history.ts';
import { readHolds } from '../../../activities/adapters/postgres/holds.ts';
import type { Pool } from '../../../activities/adapters/postgres/pool.ts';
import { DEVICES } from '#domain/coordination/admission.ts';
import { pinOf, type Holds } from '#domain/coordination/holds.ts';
import { KEPT_RELEASES } from '#domain/plan/settle-release.ts';
import { loadApplication } from '../applications/load-applications.ts';
import type { EngineDeps } from '../engine.ts';
import { loadEnvironment } from '../environments/load-environment.ts';
import { patientRead } from '../patient-read.ts';
import { expectTarget } from '../plans/expect-target.ts';

/** How what a run delivered stands now. */
export type Mark =
  | 'current'
  /** One of the last stable releases: `deploy rollback --to` takes it. */
  | 'stable'
  | 'pinned';

export type HistoryEntry = (Delivered & { readonly kind: 'run'; readonly marks: readonly Mark[] }) | HoldEvent;

export interface EnvironmentHistory {
  readonly environment: string;
  /** The latest first. */
  readonly entries: readonly HistoryEntry[];
  /** False: there are older ones. */
  readonly isComplete: boolean;
}

export interface HistoryWish {
  readonly environment: string;
  readonly application: string | undefined;
  readonly limit: number;
}

/**
 * What was deployed to an environment, when it was frozen and what was pinned. Throws ENVIRONMENT_UNKNOWN,
 * APPLICATION_UNKNOWN, PLAN_TARGET_MISMATCH.
 */
export async function environmentHistory(deps: EngineDeps, wish: HistoryWish): Promise<EnvironmentHistory> {
  const environment = await loadEnvironment(deps, wish.environment);
  if (wish.application !== undefined) expectTarget(environment, 'docker', '--application');
  return patientRead(deps, (pool) => read(pool, { ...wish, environment: environment.name }));
}

async function read(pool: Pool, wish: HistoryWish): Promise<EnvironmentHistory> {
  const { environment, application, limit } = wish;
  if (application !== undefined) await loadApplication(pool, application, '--application');
  const holds = await readHolds(pool, environment);
  // One more than is shown says whether there are older ones.
  const asked = { environment, application, limit: limit + 1 };
  const runs = (await readDelivered(pool, asked)).map((one) => ({
    ...one,
    kind: 'run' as const,
    marks: marksOf(one, holds),
  }));
  const all: HistoryEntry[] = [...(await readHoldEvents(pool, asked)), ...runs];
  // Sorting is stable: a pin stands above the run that set it.
  const entries = all.toSorted((one, other) => other.at.localeCompare(one.at));
  return { environment, entries: entries.slice(0, limit), isComplete: entries.length <= limit };
}

function marksOf({ subject, rank }: Delivered, holds: Holds): Mark[] {
  if (rank === null) return [];
  const isCurrent = rank === 1;
  const isFleet = subject.kind === 'firmware';
  const pin = pinOf({ holds }, isFleet ? DEVICES : subject.name);
  const isPinned = pin?.versions.includes(subject.version) === true && (isCurrent || isFleet);
  return [
    ...(isCurrent ? (['current'] as const) : []),
    ...(!isCurrent && !isFleet && rank <= KEPT_RELEASES + 1 ? (['stable'] as const) : []),
    ...(isPinned ? (['pinned'] as const) : []),
  ];
}
