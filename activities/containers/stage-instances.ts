import { counted } from '#domain/counted.ts';
import type { InstancesInput, ReleaseOutcome } from '#domain/ports/release.port.ts';
import type { ContainerWork } from './deps.ts';
import { inParallel } from './in-parallel.ts';
import { preparedRelease } from './release-work.ts';
import { startReplica } from './start-replica.ts';

/** Creates and starts instances of the new version. Whether they are any good is seen later. */
export async function stageInstances(work: ContainerWork, input: InstancesInput): Promise<ReleaseOutcome> {
  const release = await preparedRelease(work, input);
  const { row } = release;
  const begunMs = performance.now();
  const started = await inParallel(input.replicas, (replica) =>
    startReplica(release, { row, replica, step: input.step }),
  );
  const tookMs = Math.round(performance.now() - begunMs);
  const summary = `${counted(started.length, 'instance')} of ${row.version} started`;
  return { kind: 'done', summary, facts: { instances: started.map(({ name }) => name), tookMs } };
}
