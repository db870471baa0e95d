import { runRef, type RunContext } from '../deploy/run-context.ts';
import { releaseActivities } from './release-activities.ts';
import { registerWayBack } from './way-back.ts';

/** As late as possible: what serves when the first effect comes is what the run goes back to. Once for each run. */
export async function prepareRelease(run: RunContext): Promise<void> {
  const { record } = run;
  if (record.traffic === null || record.traffic.release !== null) return;
  registerWayBack(run);
  const activities = releaseActivities(run, 'prepare the release');
  const { release, before, address } = await record.journal.carriedBy((carried) =>
    activities.prepareRelease({ ...runRef(run), ...carried }),
  );
  const reachedAt = `${address.host}:${address.port}`;
  record.noteTraffic({
    release,
    before: before && { release: before.release, version: before.version, instances: before.replicas },
    address: reachedAt,
  });
  const was = before ? `${before.version} (release ${before.release}) serves` : 'nothing serves yet';
  const data = { release, before, address: reachedAt };
  const summary = `release ${release}; ${was}; clients reach it at ${reachedAt}`;
  // Travels with the effect that it was prepared for.
  record.journal.record('release-prepared', summary, data, 'later');
}
