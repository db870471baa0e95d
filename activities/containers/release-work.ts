import type { ContainerPlan } from '#domain/plan/container-plan.ts';
import { sluiceError } from '#domain/errors/failure.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { readPlace } from '../adapters/postgres/application-places.ts';
import { readRelease, releaseOfRun, type ReleaseRow } from '../adapters/postgres/release-rows.ts';
import { approvedContainerPlan } from '../runtime/approved-plan.ts';
import { ridingOut } from '../runtime/ride-out.ts';
import type { ContainerWork } from './deps.ts';

/** A run's release, with the one that it replaces. */
export interface ReleaseWork extends ContainerWork {
  readonly ref: RunRef;
  readonly plan: ContainerPlan;
  readonly row: ReleaseRow;
  readonly before: ReleaseRow | null;
}

/** What the run has prepared, or null when it has not come to that: then none of its effects has happened. */
export async function findRelease(work: ContainerWork, ref: RunRef): Promise<ReleaseWork | null> {
  return ridingOut(work, async () => {
    const [row, plan] = await Promise.all([releaseOfRun(work.pool, ref.run), approvedContainerPlan(work.pool, ref)]);
    if (row === null) return null;
    const before = row.before === null ? null : await readRelease(work.pool, { ...row, release: row.before });
    return { ...work, ref, plan, row, before };
  });
}

/** The same where it must have been prepared, for an effect. Throws RELEASE_OUTDATED when it was not, RELEASE_FENCED. */
export async function preparedRelease(work: ContainerWork, ref: RunRef): Promise<ReleaseWork> {
  const found = await findRelease(work, ref);
  if (found) {
    await refuseFenced(found);
    return found;
  }
  const plan = await approvedContainerPlan(work.pool, ref);
  const why = `run ${ref.run} has no release`;
  const { application, environment } = plan;
  throw sluiceError('RELEASE_OUTDATED', { application: application.name, environment: environment.name, why });
}

/**
 * Before anything is begun: a later run may have the place by now. What it must not lose to a race is looked at again
 * under the row's lock. Throws RELEASE_FENCED.
 */
export async function refuseFenced(work: ReleaseWork): Promise<void> {
  const { environment, application, generation } = work.row;
  const place = await ridingOut(work, () => readPlace(work.pool, environment, application));
  if (place && place.generation <= generation) return;
  throw sluiceError('RELEASE_FENCED', { application, mine: generation, present: place?.generation ?? 0 });
}
