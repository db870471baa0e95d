import type { RunRef } from '#domain/ports/fleet.port.ts';
import type { ReleaseOutcome } from '#domain/ports/release.port.ts';
import type { ContainerWork } from './deps.ts';
import { readCredentials } from './registry-credentials.ts';
import { preparedRelease } from './release-work.ts';

/** Brings the planned image, by its digest, to every engine. */
export async function pullImage(work: ContainerWork, ref: RunRef): Promise<ReleaseOutcome> {
  const { row, signal } = await preparedRelease(work, ref);
  const { image, credentials: given, engines } = row.spec;
  const credentials = await readCredentials(given, work);
  const begunMs = performance.now();
  for (const address of engines) {
    const engine = await work.engine(address);
    const onProgress = (progress: object): void => work.pulse.note({ engine: address.name, ...progress });
    await engine.pullImage(image, { credentials, onProgress, signal });
  }
  await work.reached?.('image-pulled');
  const tookMs = Math.round(performance.now() - begunMs);
  const where = engines.length === 1 ? '' : ` on ${engines.length} engines`;
  return { kind: 'done', summary: `image ${shortDigest(image.digest)} is there${where}`, facts: { tookMs } };
}

const shortDigest = (digest: string): string => digest.slice(0, 'sha256:'.length + 12);
