import type { EngineAddress } from '#domain/containers/engine-address.ts';
import { SluiceError } from '#domain/errors/failure.ts';
import type { ContainerEngine, PinnedImage } from '#domain/ports/container-engine.port.ts';
import type { RunRef } from '#domain/ports/fleet.port.ts';
import { addMs } from '#domain/time.ts';
import { approvedContainerPlan } from '../runtime/approved-plan.ts';
import { withinActivity } from './container-activity.ts';
import type { ContainerDeps, ContainerWork } from './deps.ts';
import { instancesOfRelease } from './instances.ts';
import { poll } from './poll.ts';
import { readCredentials } from './registry-credentials.ts';
import { findRelease } from './release-work.ts';
import { judgeRelease } from './watch/judge-release.ts';

/** A daemon that is restarted answers again within seconds. */
const BACK_WITHIN_MS = 60_000;
const POLL_MS = 250;

/** What gates ask of engines and router about a run. */
export function gateContainers(deps: ContainerDeps) {
  return {
    instancesOf: (run: RunRef) => stagedInstances(withinActivity(deps), run),
    imageOf: (run: RunRef) => heldImages(withinActivity(deps), run),
    judge: (run: RunRef) => judgeRelease(withinActivity(deps), run),
  };
}

async function stagedInstances(work: ContainerWork, run: RunRef) {
  const release = await findRelease(work, run);
  if (release === null) return [];
  const instances = await instancesOfRelease(release, release.row);
  return instances.flatMap(({ name, address }) => (address === null ? [] : [{ name, ...address }]));
}

/** By its pinned name, so that a tag which moved meanwhile changes nothing. */
async function heldImages(work: ContainerWork, run: RunRef) {
  const { application } = await approvedContainerPlan(work.pool, run);
  const { image, credentials: given, engines } = application;
  const credentials = await readCredentials(given, work);
  return Promise.all(
    engines.map(async (address) => {
      const digest = await digestOn(work, address, (engine) =>
        engine.pinImage(image.image, credentials, { signal: work.signal }),
      );
      return { engine: address.name, digest };
    }),
  );
}

/**
 * Null where neither the engine nor its registry has the image. An engine that is being restarted is waited for: that it was
 * away says nothing of the image. Throws ENGINE_UNREACHABLE for one that stays away.
 */
async function digestOn(
  work: ContainerWork,
  address: EngineAddress,
  pin: (engine: ContainerEngine) => Promise<PinnedImage>,
): Promise<string | null> {
  let away: SluiceError | null = null;
  const deadlineAt = addMs(new Date().toISOString(), BACK_WITHIN_MS);
  const found = await poll({ everyMs: POLL_MS, deadlineAt, signal: work.signal }, async () => {
    try {
      return { digest: (await pin(await work.engine(address))).digest };
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      if (error.code === 'IMAGE_NOT_FOUND') return { digest: null };
      if (error.code !== 'ENGINE_UNREACHABLE') throw error;
      away = error;
      return null;
    }
  });
  if (found !== null) return found.digest;
  throw away ?? new Error(`engine ${address.name} gave no answer`);
}
