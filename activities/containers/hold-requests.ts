import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleaseOutcome } from '#domain/ports/release.port.ts';
import type { Iso } from '#domain/time.ts';
import { changeRoute } from './change-route.ts';
import type { ContainerWork } from './deps.ts';
import { lapTimer } from './lap-timer.ts';
import { preparedRelease } from './release-work.ts';

/** New requests wait at the router until they are let go, or until `until` whatever becomes of us. */
export async function holdRequests(
  work: ContainerWork,
  { until, ...ref }: RunRef & { readonly until: Iso },
): Promise<ReleaseOutcome> {
  const release = await preparedRelease(work, ref);
  const { maximumHeld: maximumQueued } = release.row.spec.routing;
  const sinceMs = lapTimer();
  const route = await changeRoute(release, release.row, (one) =>
    one.hold ? one : { ...one, hold: { until, maximumQueued } },
  );
  return {
    kind: 'done',
    summary: `requests wait until ${route.hold?.until ?? until} at most`,
    facts: { until, tookMs: sinceMs() },
  };
}

export async function releaseRequests(work: ContainerWork, ref: RunRef): Promise<ReleaseOutcome> {
  const release = await preparedRelease(work, ref);
  const sinceMs = lapTimer();
  await changeRoute(release, release.row, (route) => ({ ...route, hold: null }));
  return { kind: 'done', summary: 'requests go on', facts: { tookMs: sinceMs() } };
}
